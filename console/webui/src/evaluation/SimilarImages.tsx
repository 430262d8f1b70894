import { Link } from "react-router";
import type { Run, SimilarImage } from "../api/types";
import { thumbnail } from "../images/urls";

/** The TRAIN images that a TEST image looks most like, with their labels. */
export function SimilarImages({ run, similar }: { run: Run; similar: SimilarImage[] }) {
  return (
    <div className="similar">
      {similar.map((image) => (
        <Link
          key={image.sha256}
          to={`../images?image=${image.sha256}`}
          title={`${image.name ?? "TRAIN image"}, similarity ${image.similarity.toPrecision(3)}`}
          aria-label={`Open the similar TRAIN image ${image.name ?? image.sha256}, ${image.label}`}
        >
          <img src={thumbnail(run.project, image.sha256)} alt="" loading="lazy" decoding="async" />
          <span>{image.label}</span>
        </Link>
      ))}
    </div>
  );
}
