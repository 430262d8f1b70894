import { Label } from "@patternfly/react-core";
import { InProgressIcon } from "@patternfly/react-icons";
import type { Search } from "../api/types";

export const METHODS: Record<Search["method"], string> = {
  RANDOM: "Random",
  TPE: "TPE",
  SUCCESSIVE_HALVING: "Successive halving",
};

const STATES = {
  SEARCHING: ["Searching", "blue", undefined],
  FINAL_RUN: ["Training the best", "blue", undefined],
  SUCCEEDED: ["Succeeded", undefined, "success"],
  FAILED: ["Failed", undefined, "danger"],
  CANCELLED: ["Cancelled", "grey", undefined],
} as const;

export function SearchLabel({ state }: { state: Search["state"] }) {
  const [text, color, status] = STATES[state];
  return (
    <Label color={color} status={status} icon={state === "SEARCHING" ? <InProgressIcon /> : undefined} isCompact>
      {text}
    </Label>
  );
}
