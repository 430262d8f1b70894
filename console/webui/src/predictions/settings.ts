import type { PredictionLogSettings } from "../api/types";
import { count } from "../ui/format";

/** What of the predictions is logged, in a sentence. */
export function loggedText({ mode, share, retentionDays = 30, keepImages }: PredictionLogSettings): string {
  if (mode === "OFF") {
    return "New predictions are not logged.";
  }
  const which = mode === "FULL" ? "All predictions are" : `${percent(share ?? 0)} of the predictions are`;
  return `${which} logged, ${keepImages ? "with their images" : "without their images"}, for ${count(retentionDays, "day")}.`;
}

/** A share with up to three digits. */
export const percent = (share: number) => `${Number((100 * share).toPrecision(3))} %`;
