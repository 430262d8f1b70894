import type { ImageFilter, ImageSearch } from "../api/projects";

const UNLABELLED = "(none)";

/** The search that stands in the address. */
export function searchOf(parameters: URLSearchParams): ImageSearch {
  const label = parameters.get("label");
  const split = parameters.get("split");
  const product = parameters.get("product");
  return {
    filter: {
      label: label && label !== UNLABELLED ? [label] : undefined,
      unlabelled: label === UNLABELLED || undefined,
      split: split ? [split] : undefined,
      product: product ? [product] : undefined,
      text: parameters.get("text") ?? undefined,
    },
    sort: parameters.get("sort") ?? "name",
  };
}

export const isFiltered = (filter: ImageFilter) => Object.values(filter).some((value) => value !== undefined);

export const UNLABELLED_CHOICE = { value: UNLABELLED, text: "Without a label" };

export const SPLITS = [
  { value: "TRAIN", text: "TRAIN" },
  { value: "DEV", text: "DEV" },
  { value: "TEST", text: "TEST" },
  { value: "UNASSIGNED", text: "Not assigned yet" },
];

export const SORTS = [
  { value: "name", text: "By name" },
  { value: "-time", text: "Newest first" },
  { value: "time", text: "Oldest first" },
  { value: "-size", text: "Largest first" },
  { value: "size", text: "Smallest first" },
];
