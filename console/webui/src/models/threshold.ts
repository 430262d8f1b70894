import type { DevImage, DevScores, ScoreBin, ThresholdRequest } from "../api/types";

/** Bins of the histogram. */
const BINS = 40;

export interface Range {
  low: number;
  high: number;
}

/** The range of the slider: all scores and the current threshold, with a margin on both sides. */
export function rangeOf({ images }: DevScores, current: number): Range {
  const scores = [...images.map(({ score }) => score), current];
  const low = Math.min(...scores);
  const high = Math.max(...scores);
  const margin = (high - low || Math.abs(high) || 1) * 0.05;
  return { low: low >= 0 ? Math.max(0, low - margin) : low - margin, high: high + margin };
}

/** How many normal and abnormal images have which score. */
export function histogramOf({ images, normalLabel }: DevScores, { low, high }: Range): ScoreBin[] {
  const width = (high - low) / BINS;
  const bins = Array.from({ length: BINS }, (_, i) => ({ low: low + i * width, high: low + (i + 1) * width, normal: 0, abnormal: 0 }));
  for (const { label, score } of images) {
    const bin = bins[Math.min(BINS - 1, Math.max(0, Math.floor((score - low) / width)))];
    bin[label === normalLabel ? "normal" : "abnormal"]++;
  }
  return bins;
}

/** What a threshold decides wrongly: normal images from it on, and abnormal images below it. */
export function errorsAt({ images, normalLabel }: DevScores, threshold: number) {
  const normal = images.filter(({ label }) => label === normalLabel);
  const abnormal = images.filter(({ label }) => label !== normalLabel);
  return {
    falseAlarms: { count: normal.filter(({ score }) => score >= threshold).length, images: normal.length },
    misses: { count: abnormal.filter(({ score }) => score < threshold).length, images: abnormal.length },
  };
}

/** Images that two thresholds decide differently, those nearest to the second one first. */
export function flipsBetween({ images }: DevScores, from: number, to: number): DevImage[] {
  const low = Math.min(from, to);
  const high = Math.max(from, to);
  return images
    .filter(({ score }) => score >= low && score < high)
    .toSorted((a, b) => Math.abs(a.score - to) - Math.abs(b.score - to));
}

/** What the fields of the threshold page contain. */
export interface MethodChoice {
  method: ThresholdRequest["method"];
  target: string;
  confidence: string;
}

/** The request for a threshold by one of the methods, or what is wrong with the numbers, which are percentages. */
export function requestOf({ method, target, confidence }: MethodChoice): ThresholdRequest | string {
  if (method === "BEST_F1") {
    return { method };
  }
  const share = Number(target) / 100;
  if (!target.trim() || !(share > 0 && (method === "RECALL" ? share <= 1 : share < 1))) {
    return method === "RECALL" ? "Above 0 and at most 100 %" : "Above 0 and below 100 %";
  }
  if (method === "RECALL") {
    return { method, target: share };
  }
  const sure = Number(confidence) / 100;
  return sure >= 0.5 && sure < 1 ? { method, target: share, confidence: sure } : "The confidence is 50 to below 100 %";
}
