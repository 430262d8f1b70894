import type { MetricSeries } from "../api/types";

/** A curve: values over the steps of one phase, such as epochs. */
export interface Curve {
  phase: string;
  steps: number[];
  values: number[];
}

/** The newest phase of a metric. A step that several attempts made has the value of the last one. */
export function curveOf({ points }: MetricSeries): Curve {
  const phase = points.at(-1)?.phase ?? "";
  const values = new Map<number, number>();
  points.filter((point) => point.phase === phase).forEach((point) => values.set(point.step, point.value));
  const steps = [...values.keys()].sort((a, b) => a - b);
  return { phase, steps, values: steps.map((step) => values.get(step)!) };
}
