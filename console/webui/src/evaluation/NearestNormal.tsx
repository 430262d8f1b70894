import { useState } from "react";
import { Link } from "react-router";
import type { NearestNormal as Nearest, Place, Run } from "../api/types";
import { content } from "../images/urls";
import { around, cropStyle, markStyle } from "./place";

/** The most abnormal place of a TEST image, and beside it the place of a normal TRAIN image that is nearest to it. */
export function NearestNormal({ run, sha256, nearest }: { run: Run; sha256: string; nearest: Nearest }) {
  return (
    <div className="nearest">
      <figure>
        <Crop project={run.project} sha256={sha256} place={nearest.place} />
        <figcaption>Most abnormal place</figcaption>
      </figure>
      <figure>
        <Crop project={run.project} sha256={nearest.sha256} place={nearest.normalPlace} />
        <figcaption>
          It looks unlike this, in{" "}
          <Link to={`../images?image=${nearest.sha256}`} title={nearest.name}>
            {nearest.name ?? "a TRAIN image"}
          </Link>
        </figcaption>
      </figure>
    </div>
  );
}

/** A part of an image around a place, which a frame marks. */
function Crop({ project, sha256, place }: { project: string; sha256: string; place: Place }) {
  const [ratio, setRatio] = useState(1);
  const shown = around(place);
  return (
    <div className="nearest-crop" style={{ aspectRatio: (ratio * shown.width) / shown.height }}>
      <img
        src={content(project, sha256)}
        alt=""
        loading="lazy"
        decoding="async"
        style={cropStyle(shown)}
        onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => setRatio(naturalWidth / naturalHeight)}
      />
      <div className="nearest-place" style={markStyle(place, shown)} aria-hidden />
    </div>
  );
}
