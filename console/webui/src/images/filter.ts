import type { ImageFilter } from "../api/resources";

const UNLABELLED = "(none)";

/** The filter that stands in the address. */
export function filterOf(search: URLSearchParams): ImageFilter {
  const label = search.get("label") ?? undefined;
  return {
    label: label === UNLABELLED ? undefined : label,
    unlabelled: label === UNLABELLED || undefined,
    split: search.get("split") ?? undefined,
    text: search.get("text") ?? undefined,
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
