import type { Run } from "../api/types";

/** The values that a trainer reported at one step, such as an epoch. */
export interface Point {
  step: number;
  metrics: Record<string, number>;
}

/** Adds what a run reports now; a step that is reported twice has the newer values. */
export function withPoint(points: Point[], run: Run): Point[] {
  const progress = run.progress;
  if (!progress?.metrics || Object.keys(progress.metrics).length === 0) {
    return points;
  }
  const point = { step: progress.done, metrics: progress.metrics };
  const earlier = points.filter(({ step }) => step < point.step);
  return [...earlier, point];
}
