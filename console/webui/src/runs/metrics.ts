import type { Task } from "../api/types";

interface MetricWords {
  name: string;
  help: string;
}

/** The metrics that trainers report, in plain words, the main ones first. Others are shown under their own name. */
const WORDS: Record<string, MetricWords> = {
  auroc: { name: "AUROC", help: "How well the score separates normal from abnormal: 1 is perfect, 0.5 is guessing" },
  accuracy: { name: "Accuracy", help: "Share of the TEST images with the right answer" },
  f1: { name: "F1", help: "Balance of precision and recall at the threshold" },
  macroF1: { name: "Macro F1", help: "F1 of each class, averaged: small classes count as much as large ones" },
  precision: { name: "Precision", help: "Share of the images called abnormal that are abnormal" },
  recall: { name: "Recall", help: "Share of the abnormal images that are found" },
  falsePositiveRate: { name: "False-positive rate", help: "Share of the normal images that are called abnormal" },
  averagePrecision: { name: "Average precision", help: "Area below the curve of precision over recall" },
  pixelAuroc: { name: "Pixel AUROC", help: "How well the heatmap finds the marked pixels" },
  devAccuracy: { name: "Accuracy on DEV", help: "Share of the DEV images with the right answer, after the newest epoch" },
  loss: { name: "Loss on TRAIN", help: "Smaller is better; training minimizes it" },
  devLoss: { name: "Loss on DEV", help: "Smaller is better; rising values mean that the model overfits" },
  threshold: { name: "Threshold", help: "Score from which an image is called abnormal; chosen on DEV" },
};

const ORDER = Object.keys(WORDS);

export const mainMetric = (task: Task) => (task === "CLASSIFICATION" ? "accuracy" : "auroc");

export const metricWords = (key: string): MetricWords => WORDS[key] ?? { name: key, help: "" };

/** Known metrics in a fixed order, then the others by name. */
export const byMetric = (a: string, b: string) => rank(a) - rank(b) || a.localeCompare(b);

export const sortedMetrics = (metrics: Record<string, number>) =>
  Object.entries(metrics).sort(([a], [b]) => byMetric(a, b));

function rank(key: string) {
  const place = ORDER.indexOf(key);
  return place < 0 ? ORDER.length : place;
}
