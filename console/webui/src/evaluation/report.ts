import type { ClassReport, ConfusionCell, Evaluation, Estimate } from "../api/types";
import type { Order } from "../runs/columns";
import type { PlotData } from "../ui/Plot";
import { metric } from "../ui/format";

/** The interval of a metric, as people read it. */
export const intervalText = ({ low, high }: Partial<Estimate>) =>
  low === undefined || high === undefined ? "–" : `${metric(low)} to ${metric(high)}`;

/** A row of the confusion matrix: the images of a true label. */
export interface MatrixRow {
  truth: string;
  images: number;
  cells: { predicted: string; images: number; share: number }[];
}

export function matrixOf(labels: string[], confusion: ConfusionCell[]): MatrixRow[] {
  const counts = new Map(confusion.map(({ truth, predicted, images }) => [JSON.stringify([truth, predicted]), images]));
  return labels.map((truth) => {
    const row = labels.map((predicted) => ({ predicted, images: counts.get(JSON.stringify([truth, predicted])) ?? 0 }));
    const images = row.reduce((sum, cell) => sum + cell.images, 0);
    return { truth, images, cells: row.map((cell) => ({ ...cell, share: images && cell.images / images })) };
  });
}

/** The confusions of two labels, the most frequent ones first. */
export const confusionsOf = (confusion: ConfusionCell[]) =>
  confusion
    .filter(({ truth, predicted }) => truth !== predicted)
    .toSorted((a, b) => b.images - a.images || a.truth.localeCompare(b.truth) || a.predicted.localeCompare(b.predicted));

export const CLASS_COLUMNS = [
  { key: "label", title: "Class" },
  { key: "support", title: "Images" },
  { key: "predicted", title: "Answers" },
  { key: "precision", title: "Precision" },
  { key: "recall", title: "Recall" },
  { key: "f1", title: "F1" },
  { key: "auroc", title: "AUROC" },
  { key: "averagePrecision", title: "Average precision" },
] as const;

/** In the order of the model's labels, unless another one is asked for; classes without a value come last. */
export function sortedClasses(classes: ClassReport[], order: Order | undefined): ClassReport[] {
  const key = CLASS_COLUMNS.find((column) => column.key === order?.key)?.key;
  if (!key) {
    return classes;
  }
  const sign = order?.descending ? -1 : 1;
  return classes.toSorted((one, other) => {
    const [a, b] = [one[key], other[key]];
    if (a === undefined || b === undefined) {
      return Number(a === undefined) - Number(b === undefined);
    }
    return sign * (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true }));
  });
}

/** Classes that have curves, those with the lowest average precision first. */
export const withCurves = (classes: ClassReport[]) =>
  classes.filter(({ roc }) => roc?.length).toSorted((a, b) => (a.averagePrecision ?? 0) - (b.averagePrecision ?? 0));

/** Beside the curve, guessing: as many false positives as true ones. */
export const rocData = ({ roc = [] }: ClassReport): PlotData => {
  const x = roc.map((point) => point.x);
  return { x, y: roc.map((point) => point.y), reference: x };
};

/** Beside the curve, guessing: a precision of the share of the class, at any recall. */
export const precisionRecallData = ({ precisionRecall = [], support }: ClassReport, images: number): PlotData => ({
  x: precisionRecall.map((point) => point.x),
  y: precisionRecall.map((point) => point.y),
  reference: precisionRecall.map(() => support / images),
});

/** Beside the shares of right answers, those that the probabilities promise. The line of these goes from 0 to 1. */
export function calibrationData({ bins }: NonNullable<Evaluation["report"]["calibration"]>): PlotData {
  const filled = bins.filter((bin) => bin.images > 0);
  const x = [0, ...filled.map((bin) => bin.confidence!), 1];
  return { x, y: [null, ...filled.map((bin) => bin.accuracy!), null], reference: x };
}
