import { Content, Title } from "@patternfly/react-core";
import { Link } from "react-router";
import type { DevImage } from "../api/types";
import { thumbnail } from "../images/urls";
import { count } from "../ui/format";
import "../evaluation/results.css";

/** So many are shown; the others are counted. */
const SHOWN = 24;

interface Props {
  project: string;
  images: DevImage[];
  threshold: number;
}

/** DEV images that the threshold decides differently than the current one. */
export function FlippedImages({ project, images, threshold }: Props) {
  return (
    <section className="stack-small" aria-label="DEV images that change">
      <Title headingLevel="h3" size="md">
        DEV images that change
      </Title>
      <Content component="p" className="quiet">
        {images.length === 0
          ? "All DEV images are decided as with the current threshold."
          : `${count(images.length, "DEV image")} ${images.length === 1 ? "is" : "are"} decided differently than with the current threshold.` +
            (images.length > SHOWN ? ` The ${SHOWN} nearest to the threshold are shown.` : "")}
      </Content>
      {images.length > 0 && (
        <ul className="results" aria-label="DEV images that change">
          {images.slice(0, SHOWN).map(({ sha256, label, score }) => {
            const answer = score >= threshold ? "abnormal" : "normal";
            return (
              <li key={sha256} className="result">
                <Link
                  to={`../images?image=${sha256}`}
                  className={answer === label ? "result-image" : "result-image result-wrong"}
                  aria-label={`Open DEV image ${sha256.slice(0, 12)}`}
                >
                  <img src={thumbnail(project, sha256)} alt="" loading="lazy" decoding="async" />
                </Link>
                <span>
                  becomes {answer} <span className="quiet number">{score.toPrecision(3)}</span>
                </span>
                <span className={answer === label ? "quiet" : "result-truth"}>
                  {answer === label ? "right" : `wrong: it is ${label}`}
                </span>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
