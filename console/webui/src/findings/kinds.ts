import type { FindingKind, FindingState } from "../api/types";

interface KindText {
  name: string;
  /** What can be done about it. */
  help: string;
}

export const KINDS: Record<FindingKind, KindText> = {
  NEAR_DUPLICATES: {
    name: "Near duplicates",
    help: "Images that look alike in TRAIN and TEST make an evaluation better than the model is. Keep one of them, or put all of them into one split.",
  },
  EXPOSURE: { name: "Exposure", help: "Images that are much darker or brighter than the others show the model little." },
  BLUR: { name: "Blur", help: "Delete blurred images, unless the camera will make such images in production too." },
  SIZE: { name: "Size", help: "Images of another size or shape often come from another camera, or were cropped." },
  LABEL_IMBALANCE: {
    name: "Label imbalance",
    help: "A model may overlook a small class. Add images of it, or choose a recipe with means against classes of unequal size.",
  },
  TOO_FEW_IMAGES: { name: "Too few images", help: "Add images with this label; those without a split get one at the freeze." },
  LITTLE_DIVERSITY: {
    name: "Little diversity",
    help: "Many images of few scenes teach a model little more than these scenes. Add images from other days, places and items.",
  },
  LIKELY_WRONG_LABEL: {
    name: "Likely wrong labels",
    help: "Training runs predict each image by a model that has not learned from it, and find that another class is likelier than its label. Look at the image: set the likelier label, or keep its label.",
  },
};

export const KIND_NAMES = Object.keys(KINDS) as FindingKind[];

export const kindOf = (text: string | null): FindingKind | undefined => KIND_NAMES.find((kind) => kind === text);

export const STATES: { state: FindingState; text: string; count: "open" | "accepted" | "dismissed" }[] = [
  { state: "OPEN", text: "Open", count: "open" },
  { state: "ACCEPTED", text: "Accepted", count: "accepted" },
  { state: "DISMISSED", text: "Dismissed", count: "dismissed" },
];

export const stateOf = (text: string | null): FindingState => STATES.find(({ state }) => state === text)?.state ?? "OPEN";
