import type { ReactNode } from "react";
import type { Detection } from "../api/types";
import { metric, number } from "../ui/format";
import { Figure } from "./Figure";

const WIDTH = 300;
const HEIGHT = 200;

interface Props {
  detection: Detection;
  /** Below the bars. */
  children?: ReactNode;
}

/** How many normal and abnormal images have which score; those from the threshold on are called abnormal. */
export function ScoreHistogram({ detection: { threshold, histogram }, children }: Props) {
  const left = Math.min(threshold, histogram[0]?.low ?? threshold);
  const right = Math.max(threshold, histogram.at(-1)?.high ?? threshold);
  const most = Math.max(1, ...histogram.map((bin) => bin.normal + bin.abnormal));
  const x = (score: number) => (WIDTH * (score - left)) / (right - left || 1);
  const height = (images: number) => (HEIGHT * images) / most;
  const filled = histogram.filter((bin) => bin.normal + bin.abnormal > 0);
  return (
    <Figure
      title="Anomaly scores"
      note={`From the threshold ${metric(threshold)} on, the dashed line, images are called abnormal. The highest bar has ${number(most)} images.`}
      columns={["Score", "Normal images", "Abnormal images"]}
      rows={filled.map(({ low, high, normal, abnormal }) => [
        `${low.toPrecision(4)} to ${high.toPrecision(4)}`,
        number(normal),
        number(abnormal),
      ])}
    >
      <div>
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          className="histogram"
          role="img"
          aria-label={`Numbers of normal and abnormal images by anomaly score; the threshold is ${metric(threshold)}`}
        >
          {filled.map(({ low, high, normal, abnormal }) => {
            const width = Math.max(1, x(high) - x(low) - 1);
            return (
              <g key={low}>
                <rect className="histogram-normal" x={x(low)} width={width} y={HEIGHT - height(normal)} height={height(normal)} />
                <rect
                  className="histogram-abnormal"
                  x={x(low)}
                  width={width}
                  y={HEIGHT - height(normal + abnormal)}
                  height={height(abnormal)}
                />
              </g>
            );
          })}
          <line className="histogram-threshold" x1={x(threshold)} x2={x(threshold)} y1={0} y2={HEIGHT} />
        </svg>
        {children}
        <div className="histogram-axis quiet number" aria-hidden>
          <span>{left.toPrecision(3)}</span>
          <span>score</span>
          <span>{right.toPrecision(3)}</span>
        </div>
        <div className="histogram-legend">
          <span className="histogram-key histogram-key-normal">normal</span>
          <span className="histogram-key histogram-key-abnormal">abnormal</span>
        </div>
      </div>
    </Figure>
  );
}
