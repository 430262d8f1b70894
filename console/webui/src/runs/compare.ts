import type { ComparedRow, Estimate, Run } from "../api/types";
import { isControl } from "./control";
import { byMetric, isEvaluated } from "./metrics";

/** How runs are called where little room is. */
export const shortId = (run: { id: string }) => run.id.slice(-6);

/** The run that another one is compared with by default: the newest one before it, else the newest one; controls come last. */
export function partnerOf(id: string, runs: Run[]): Run | undefined {
  const first = runs.find((run) => run.id === id);
  const others = runs.filter((run) => run.id !== id && isEvaluated(run)).toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
  const own = others.filter((run) => !isControl(run));
  return own.find((run) => first !== undefined && run.createdAt < first.createdAt) ?? own.at(0) ?? others.at(0);
}

/** What McNemar's test says, in words. */
export function verdict(difference: number, pValue: number): string {
  if (difference === 0) {
    return "Both are right on the same number of images.";
  }
  return pValue < 0.05
    ? "The difference is larger than chance explains."
    : "The difference may be chance: more TEST images, or more seeds, would tell.";
}

/** The metrics of runs, with those that only their evaluations have. */
export function metricRows(rows: ComparedRow[], estimates: Record<string, Estimate>[]): ComparedRow[] {
  const names = new Set([...rows.map((row) => row.name), ...estimates.flatMap(Object.keys)]);
  return [...names].sort(byMetric).map((name) => {
    const values = estimates.map((of, run) => of[name]?.value ?? rows.find((row) => row.name === name)?.values[run]);
    return { name, values, differs: new Set(values).size > 1 };
  });
}
