import type { Run, RunState } from "../api/types";
import { byMetric, mainMetric, metricWords } from "./metrics";
import { parameterLabel } from "./parameters";

type Value = string | number | undefined;

export interface Column {
  /** How the address names it. */
  key: string;
  title: string;
  group: "Run" | "Parameters" | "Metrics";
  kind: "run" | "state" | "version" | "text" | "number" | "metric" | "seconds" | "moment";
  /** What the column is sorted by. */
  value: (run: Run) => Value;
}

const STATES: RunState[] = ["QUEUED", "STARTING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"];

/** The column that is always there. */
const RUN: Column = { key: "run", title: "Run", group: "Run", kind: "run", value: (run) => run.recipe.name };

const COLUMNS: Column[] = [
  { key: "state", title: "State", group: "Run", kind: "state", value: (run) => STATES.indexOf(run.state) },
  { key: "kind", title: "Kind", group: "Run", kind: "text", value: (run) => run.kind.toLowerCase() },
  { key: "dataset", title: "Dataset", group: "Run", kind: "version", value: (run) => run.datasetVersion },
  { key: "recipe", title: "Recipe", group: "Run", kind: "text", value: (run) => run.recipe.name },
  { key: "seed", title: "Seed", group: "Run", kind: "number", value: (run) => run.seed },
  { key: "priority", title: "Priority", group: "Run", kind: "number", value: (run) => run.priority },
  { key: "attempt", title: "Attempt", group: "Run", kind: "number", value: (run) => run.attempt || undefined },
  { key: "time", title: "Training time", group: "Run", kind: "seconds", value: (run) => run.trainSeconds ?? undefined },
  { key: "submitted", title: "Submitted", group: "Run", kind: "moment", value: (run) => run.createdAt },
  { key: "started", title: "Started", group: "Run", kind: "moment", value: (run) => run.startedAt ?? undefined },
  { key: "ended", title: "Ended", group: "Run", kind: "moment", value: (run) => run.finishedAt ?? undefined },
];

/** All columns that some of the runs fill, the one that is always there first. */
export function columnsOf(runs: Run[], task: Run["task"]): Column[] {
  const parameters = names(runs, (run) => run.recipe.parameters).sort();
  const metrics = names(runs, (run) => run.metrics, [mainMetric(task)]).sort(byMetric);
  return [
    RUN,
    ...COLUMNS,
    ...parameters.map((name): Column => ({
      key: `parameter.${name}`,
      title: parameterLabel(name),
      group: "Parameters",
      kind: "text",
      value: (run) => scalar(run.recipe.parameters?.[name]),
    })),
    ...metrics.map((name): Column => ({
      key: `metric.${name}`,
      title: metricWords(name).name,
      group: "Metrics",
      kind: "metric",
      value: (run) => run.metrics?.[name],
    })),
  ];
}

export const defaultColumns = (task: Run["task"]) => [
  "state",
  "dataset",
  "seed",
  `metric.${mainMetric(task)}`,
  "time",
  "submitted",
];

/** The columns that are shown, in the order of all; names that no run fills are left out. */
export const shownColumns = (all: Column[], keys: string[]) => all.filter((column) => column === RUN || keys.includes(column.key));

export interface Order {
  key: string;
  descending: boolean;
}

/** The order that the address names: `seed`, or `-seed` for the largest first. */
export const orderOf = (text: string | null): Order | undefined =>
  text ? { key: text.replace(/^-/, ""), descending: text.startsWith("-") } : undefined;

export const orderText = ({ key, descending }: Order) => (descending ? `-${key}` : key);

/** Runs without a value come last; equal ones stay as they are. */
export function sortedRuns(runs: Run[], column: Column | undefined, descending: boolean): Run[] {
  if (!column) {
    return runs;
  }
  return runs.toSorted((one, other) => {
    const [a, b] = [column.value(one), column.value(other)];
    if (a === undefined || b === undefined) {
      return Number(a === undefined) - Number(b === undefined);
    }
    return descending ? compare(b, a) : compare(a, b);
  });
}

const compare = (a: string | number, b: string | number) =>
  typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });

const names = (runs: Run[], values: (run: Run) => object | undefined, always: string[] = []) => [
  ...new Set([...always, ...runs.flatMap((run) => Object.keys(values(run) ?? {}))]),
];

const scalar = (value: unknown): Value =>
  value === undefined || value === null ? undefined : typeof value === "number" ? value : String(value);
