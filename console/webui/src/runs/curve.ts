import type { MetricSeries, Selection } from "../api/types";

/** A curve: values over the steps of one phase, such as epochs. */
export interface Curve {
  phase: string;
  steps: number[];
  values: number[];
}

/**
 * One phase of a metric, the newest one if none is named. A step that several attempts made has the value of the last
 * one.
 */
export function curveOf({ points }: MetricSeries, named?: string): Curve {
  const phase = named ?? points.at(-1)?.phase ?? "";
  const values = new Map<number, number>();
  points.filter((point) => point.phase === phase).forEach((point) => values.set(point.step, point.value));
  const steps = [...values.keys()].sort((a, b) => a - b);
  return { phase, steps, values: steps.map((step) => values.get(step)!) };
}

/** A candidate that was trained in steps. */
export interface Trained {
  name: string;
  phase: string;
}

/** The candidates that a metric has values of, the chosen one first; empty for a run that had no choice. */
export function trainedIn({ points }: MetricSeries, selection: Selection | undefined): Trained[] {
  return (selection?.candidates ?? [])
    .filter(({ phase }) => phase && points.some((point) => point.phase === `${phase} train`))
    .toSorted((a, b) => Number(b.name === selection?.chosen) - Number(a.name === selection?.chosen))
    .map(({ name, phase }) => ({ name, phase: `${phase} train` }));
}
