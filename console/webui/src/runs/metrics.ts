import type { Run, Task } from "../api/types";

interface MetricWords {
  name: string;
  help: string;
}

/** The metrics that trainers report, in plain words, the main ones first. Others are shown under their own name. */
const WORDS: Record<string, MetricWords> = {
  auroc: { name: "AUROC", help: "How well the score separates normal from abnormal: 1 is perfect, 0.5 is guessing" },
  accuracy: { name: "Accuracy", help: "Share of the TEST images with the right answer" },
  balancedAccuracy: { name: "Balanced accuracy", help: "Recall of each class, averaged: small classes count as much as large ones" },
  f1: { name: "F1", help: "Balance of precision and recall at the threshold" },
  macroF1: { name: "Macro F1", help: "F1 of each class, averaged: small classes count as much as large ones" },
  weightedF1: { name: "Weighted F1", help: "F1 of each class, averaged: each counts by its number of images" },
  precision: { name: "Precision", help: "Share of the images called abnormal that are abnormal" },
  recall: { name: "Recall", help: "Share of the abnormal images that are found" },
  falsePositiveRate: { name: "False-positive rate", help: "Share of the normal images that are called abnormal" },
  missRate: { name: "Miss rate", help: "Share of the abnormal images that are called normal" },
  averagePrecision: { name: "Average precision", help: "Area below the curve of precision over recall" },
  macroAuroc: { name: "Macro AUROC", help: "AUROC of each class against the rest, averaged" },
  macroAveragePrecision: { name: "Macro average precision", help: "Average precision of each class against the rest, averaged" },
  top2Accuracy: { name: "Top-2 accuracy", help: "Share of the TEST images whose label is among the two most probable" },
  top3Accuracy: { name: "Top-3 accuracy", help: "Share of the TEST images whose label is among the three most probable" },
  top5Accuracy: { name: "Top-5 accuracy", help: "Share of the TEST images whose label is among the five most probable" },
  kappa: { name: "Cohen's kappa", help: "Agreement with the labels beyond chance: 1 is perfect, 0 is chance" },
  mcc: { name: "Matthews correlation", help: "Correlation of answers and labels: 1 is perfect, 0 is chance" },
  logLoss: { name: "Log loss", help: "Smaller is better; punishes sure wrong answers most" },
  brier: { name: "Brier score", help: "Squared error of the probabilities, 0 to 2; smaller is better" },
  ece: { name: "Calibration error", help: "How far probabilities are from shares of right answers (ECE); smaller is better" },
  pixelAuroc: { name: "Pixel AUROC", help: "How well the anomaly map separates the marked pixels from the others" },
  pixelAveragePrecision: {
    name: "Pixel average precision",
    help: "Area below the curve of precision over recall of the marked pixels",
  },
  aupro: { name: "AUPRO", help: "How much of each marked region the anomaly map finds, small and large ones alike" },
  devAccuracy: { name: "Accuracy on DEV", help: "Share of the DEV images with the right answer, after the newest epoch" },
  loss: { name: "Loss on TRAIN", help: "Smaller is better; training minimizes it" },
  devLoss: { name: "Loss on DEV", help: "Smaller is better; rising values mean that the model overfits" },
  learningRate: { name: "Learning rate", help: "Found by a range test before the first epoch" },
  threshold: { name: "Threshold", help: "Score from which an image is called abnormal; chosen on DEV" },
};

const ORDER = Object.keys(WORDS);

export const mainMetric = (task: Task) => (task === "CLASSIFICATION" ? "accuracy" : "auroc");

/** Metrics that are smaller for a better model. */
const ERRORS = ["logLoss", "brier", "ece", "loss", "devLoss", "falsePositiveRate", "missRate"];

export const isError = (metric: string) => ERRORS.includes(metric);

/** Whether the model of the run was measured on the TEST images. */
export const isEvaluated = (run: Run) => run.state === "SUCCEEDED" && Object.keys(run.metrics ?? {}).length > 0;

export const metricWords = (key: string): MetricWords => WORDS[key] ?? { name: key, help: "" };

/** Known metrics in a fixed order, then the others by name. */
export const byMetric = (a: string, b: string) => rank(a) - rank(b) || a.localeCompare(b);

export const sortedMetrics = (metrics: Record<string, number>) =>
  Object.entries(metrics).sort(([a], [b]) => byMetric(a, b));

function rank(key: string) {
  const place = ORDER.indexOf(key);
  return place < 0 ? ORDER.length : place;
}
