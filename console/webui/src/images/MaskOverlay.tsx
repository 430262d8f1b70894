import { mask } from "./urls";
import "./mask.css";

/** Colours the defective pixels of an image that fills the same place with `object-fit: contain`. */
export function MaskOverlay({ project, sha256, opacity }: { project: string; sha256: string; opacity: number }) {
  return (
    <div
      className="mask-overlay"
      style={{ maskImage: `url("${mask(project, sha256)}")`, opacity }}
      data-testid="mask"
      aria-hidden
    />
  );
}
