import { Content } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { disagreementsQuery } from "../api/models";
import type { ShadowDisagreement } from "../api/types";
import { thumbnail } from "../images/urls";
import { Failure } from "../ui/Failure";
import { LoadingRows } from "../ui/loading";
import "../evaluation/results.css";

/** How often a shadow and the version that answers disagree, with the last images. */
export function Disagreements({ project, alias }: { project: string; alias: string }) {
  const report = useQuery(disagreementsQuery(project, alias));
  if (report.isError) {
    return <Failure title="The disagreements could not be loaded" error={report.error} retry={() => report.refetch()} />;
  }
  if (!report.data) {
    return <LoadingRows text="Loading disagreements" rows={1} />;
  }
  const { holder, candidate, images, disagreements, rate, lower, upper, failed, dropped, items } = report.data;
  return (
    <>
      <Content component="p">
        Versions {holder} and {candidate} disagree on {disagreements} of {images} images
        {rate !== undefined && rate !== null && ` (${percent(rate)}; 95 % interval ${percent(lower!)} to ${percent(upper!)})`}.{" "}
        <span className="quiet">
          {failed} failed, {dropped} were dropped because the service was busy.
        </span>
      </Content>
      {items.length > 0 && (
        <ul className="results" aria-label={`Disagreements of ${alias}`}>
          {items.map((item) => (
            <Tile key={item.id} project={project} item={item} />
          ))}
        </ul>
      )}
    </>
  );
}

function Tile({ project, item }: { project: string; item: ShadowDisagreement }) {
  // Only images of the project are kept; of the others there is the digest.
  const [absent, setAbsent] = useState(!item.imageSha256);
  return (
    <li className="result">
      {!absent && (
        <Link to={`../images?image=${item.imageSha256}`} className="result-image" aria-label={`Open ${item.imageSha256}`}>
          <img src={thumbnail(project, item.imageSha256!)} alt="" loading="lazy" decoding="async" onError={() => setAbsent(true)} />
        </Link>
      )}
      <span className="result-name" title={item.imageSha256}>
        {item.imageSha256 ? item.imageSha256.slice(0, 12) : "tensor"}
      </span>
      <span>
        {item.holderAnswer} <span className="quiet number">{item.holderScore.toPrecision(3)}</span>
      </span>
      <span>
        candidate: {item.candidateAnswer} <span className="quiet number">{item.candidateScore.toPrecision(3)}</span>
      </span>
    </li>
  );
}

const percent = (rate: number) => `${(100 * rate).toFixed(2)} %`;
