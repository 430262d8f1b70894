import { useMemo } from "react";
import type { PredictionCounts } from "../api/types";
import { Plot } from "../ui/Plot";
import { count, number } from "../ui/format";

const HOURS = 24;
const MILLIS = 3_600_000;

/** Predictions of each hour, and how many have which label. */
export function CountPlot({ counts }: { counts: PredictionCounts }) {
  const labels = useMemo(() => byLabel(counts), [counts]);
  const data = useMemo(() => byHour(counts), [counts]);
  const total = labels.reduce((sum, [, predictions]) => sum + predictions, 0);
  return (
    <>
      <Plot label={`Predictions by hour: ${number(total)} in total`} data={data} />
      <p className="count-legend quiet">
        <span>{count(total, "prediction")}; hours before now</span>
        {labels.map(([label, predictions]) => (
          <span key={label}>
            {label}: {number(predictions)}
          </span>
        ))}
      </p>
    </>
  );
}

function byLabel({ items }: PredictionCounts): [string, number][] {
  const sums = new Map<string, number>();
  for (const { label, predictions } of items) {
    sums.set(label, (sums.get(label) ?? 0) + predictions);
  }
  return [...sums].toSorted((a, b) => b[1] - a[1]).slice(0, 10);
}

function byHour({ to, items }: PredictionCounts) {
  const last = Math.floor(new Date(to).getTime() / MILLIS);
  const x = Array.from({ length: HOURS + 1 }, (_, hour) => hour - HOURS);
  const y = x.map(() => 0);
  for (const { start, predictions } of items) {
    const hour = Math.floor(new Date(start).getTime() / MILLIS) - last + HOURS;
    if (hour >= 0 && hour < y.length) {
      y[hour] += predictions;
    }
  }
  return { x, y };
}
