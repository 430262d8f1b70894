import { ExpandableSection } from "@patternfly/react-core";
import { useState } from "react";
import type { Project } from "../api/types";

const NAMES = [
  "flipHorizontal",
  "flipVertical",
  "rotation",
  "translation",
  "zoom",
  "brightness",
  "contrast",
  "saturation",
  "hue",
  "erasing",
  "blur",
  "noise",
  "randAugment",
  "magnitude",
  "mixup",
  "cutmix",
];

interface Props {
  project: Project;
  /** Values of the recipe's parameters, by name, with defaults. */
  values: Record<string, string>;
}

/** Shows what the augmentation of a recipe does to images of the project; nothing for a recipe that has none. */
export function AugmentationPreview({ project, values }: Props) {
  const [open, setOpen] = useState(false);
  const [failed, setFailed] = useState<string>();
  if (values.rotation === undefined) {
    return null;
  }
  const query = new URLSearchParams(NAMES.filter((name) => values[name]).map((name) => [name, values[name]]));
  const source = `/api/v1/projects/${encodeURIComponent(project.name)}/augmentation?${query}`;
  return (
    <ExpandableSection
      toggleText={open ? "Hide the preview of the augmentation" : "Show what the augmentation does"}
      isExpanded={open}
      onToggle={(_, expanded) => setOpen(expanded)}
    >
      {open &&
        (failed === source ? (
          <p className="quiet">There is no preview: a value is out of its range, or the project has no images.</p>
        ) : (
          <figure>
            <img
              src={source}
              alt="Images of the project in the first column, and beside each five copies as the training may see them"
              style={{ maxWidth: "100%" }}
              onError={() => setFailed(source)}
            />
            <figcaption className="quiet">
              The first column is the image, the others are examples of what the training sees, at 128 pixels. With mixup or
              CutMix, each is mixed with the one below it.
            </figcaption>
          </figure>
        ))}
    </ExpandableSection>
  );
}
