import { Slider } from "@patternfly/react-core";
import { type CSSProperties, useId, useState } from "react";
import type { Anomaly } from "../api/types";

/** Height of the legend that the service draws below the image. */
const LEGEND = 30;

interface Size {
  width: number;
  height: number;
}

interface Props {
  url: string;
  name: string;
  anomaly?: Anomaly;
}

/** An image, with the heatmap over it where there is one. Browsers don't show TIFF; then the heatmap is all that is seen. */
export function Heatmap({ url, name, anomaly }: Props) {
  const [image, setImage] = useState<Size | "unknown">();
  const [heatmap, setHeatmap] = useState<Size>();
  const [opacity, setOpacity] = useState(100);
  const label = useId();
  const source = anomaly?.heatmapPng && `data:image/png;base64,${anomaly.heatmapPng}`;
  if (image === "unknown") {
    return source ? (
      <img className="shot-alone" src={source} alt={`Heatmap of ${name}`} />
    ) : (
      <p className="quiet shot-hidden">{name} (the browser shows no preview of it)</p>
    );
  }
  return (
    <div className="stack shot-column">
      <div className="shot" style={image && boxOf(image)}>
        <img src={url} alt={name} onLoad={(event) => setImage(sizeOf(event.currentTarget))} onError={() => setImage("unknown")} />
        {source && (
          <img
            className="shot-heatmap"
            src={source}
            alt="Heatmap"
            style={{ ...(image && heatmap && placeOf(image, heatmap)), opacity: image && heatmap ? opacity / 100 : 0 }}
            onLoad={(event) => setHeatmap(sizeOf(event.currentTarget))}
          />
        )}
      </div>
      {anomaly && source && (
        <div className="shot-control">
          <span id={label}>Heatmap opacity</span>
          <Slider
            value={opacity}
            showBoundaries={false}
            aria-labelledby={label}
            onChange={(_, chosen) => setOpacity(Math.round(chosen))}
          />
          <Scale threshold={anomaly.threshold} />
        </div>
      )}
    </div>
  );
}

/** The colours of the heatmap, which begin at the threshold. */
function Scale({ threshold }: { threshold: number }) {
  return (
    <span className="heat-scale">
      <span>{figure(threshold)}</span>
      <span className="heat-colours" aria-hidden />
      <span>{figure(2 * threshold)} and more</span>
    </span>
  );
}

const figure = (value: number) => String(Number(value.toPrecision(3)));

const sizeOf = ({ naturalWidth, naturalHeight }: HTMLImageElement): Size => ({ width: naturalWidth, height: naturalHeight });

/** As wide as there is room, and no higher than half of the window. */
const boxOf = ({ width, height }: Size): CSSProperties => ({
  aspectRatio: `${width} / ${height}`,
  inlineSize: `min(100%, ${(50 * width) / height}vh)`,
});

/**
 * Lays the heatmap so that its map covers the image: the legend below it, and the margin to the right of it that
 * narrow images have, are outside of the box, which cuts them off.
 */
function placeOf(image: Size, heatmap: Size): CSSProperties {
  const height = heatmap.height - LEGEND;
  const width = Math.min(heatmap.width, Math.round((height * image.width) / image.height));
  return { inlineSize: `${(100 * heatmap.width) / width}%`, blockSize: `${(100 * heatmap.height) / height}%` };
}
