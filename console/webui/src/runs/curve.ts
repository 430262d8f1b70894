import type { LearningCurve, MetricSeries, Selection } from "../api/types";
import type { PlotData } from "../ui/Plot";

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

const STEPS = 40;
const AHEAD = 4;

/** The measured points of a learning curve, and its law from the smallest part of TRAIN to four times all of it. */
export function growthData({ points, law }: LearningCurve): PlotData {
  if (!law || points.length === 0) {
    return { x: [], y: [] };
  }
  const measured = new Map(points.map(({ images, accuracy }) => [images, accuracy.value]));
  const first = points[0].images;
  const last = AHEAD * law.n0;
  const between = Array.from({ length: STEPS + 1 }, (_, i) => first * (last / first) ** (i / STEPS));
  const x = [...new Set([...measured.keys(), ...between])].sort((a, b) => a - b);
  return {
    x,
    y: x.map((images) => measured.get(images) ?? null),
    reference: x.map((images) => 1 - law.c - law.a * (images / law.n0) ** -law.b),
  };
}
