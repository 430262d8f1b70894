import { Link } from "react-router";
import type { Run, TestResult } from "../api/types";
import { MaskOverlay } from "../images/MaskOverlay";
import { thumbnail } from "../images/urls";
import { NearestNormal } from "./NearestNormal";
import { SimilarImages } from "./SimilarImages";

interface Props {
  run: Run;
  image: TestResult;
  /** Of its heatmap. */
  opacity: number;
  /** Whether its mask is shown. */
  masked?: boolean;
  /** Whether the normal place that it looks unlike, or the TRAIN images that it looks like, are shown. */
  nearest?: boolean;
}

/** A TEST image with the answer of the model; a click opens it in the dataset. */
export function ResultTile({ run, image, opacity, masked, nearest }: Props) {
  return (
    <li className="result">
      <Link
        to={`../images?image=${image.sha256}`}
        className={image.right ? "result-image" : "result-image result-wrong"}
        aria-label={`Open ${image.name}`}
      >
        <img src={thumbnail(run.project, image.sha256)} alt="" loading="lazy" decoding="async" />
        {image.heatmap && (
          <img src={heatmap(run.id, image.sha256)} alt="" loading="lazy" decoding="async" style={{ opacity }} />
        )}
        {masked && <MaskOverlay project={run.project} sha256={image.sha256} opacity={0.5} />}
      </Link>
      <span className="result-name" title={image.name}>
        {image.name}
      </span>
      <span>
        {image.predicted}{" "}
        <span className="quiet number" title={image.probabilities ? "Probability" : "Anomaly score"}>
          {image.score.toPrecision(3)}
        </span>
      </span>
      <span className={image.right ? "quiet" : "result-truth"}>
        {image.right ? "right" : `wrong: it is ${image.truth}`}
        {image.defect && ` (${image.defect})`}
      </span>
      {nearest && image.nearest && <NearestNormal run={run} sha256={image.sha256} nearest={image.nearest} />}
      {nearest && image.similar && <SimilarImages run={run} similar={image.similar} />}
    </li>
  );
}

const heatmap = (run: string, sha256: string) => `/api/v1/runs/${encodeURIComponent(run)}/results/${sha256}/heatmap`;
