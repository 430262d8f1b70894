import type { DatasetVersion, Split } from "../api/types";

export const SPLITS: Split[] = ["TRAIN", "DEV", "TEST"];

export const splitTotal = (version: DatasetVersion, split: Split) =>
  Object.values(version.counts?.[split] ?? {}).reduce((sum, some) => sum + some, 0);
