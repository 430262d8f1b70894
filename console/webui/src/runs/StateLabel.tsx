import { Label } from "@patternfly/react-core";
import { InProgressIcon } from "@patternfly/react-icons";
import type { RunState } from "../api/types";

const STATES = {
  QUEUED: ["Waiting", "blue", undefined],
  STARTING: ["Starting", "blue", undefined],
  RUNNING: ["Running", "blue", undefined],
  SUCCEEDED: ["Succeeded", undefined, "success"],
  FAILED: ["Failed", undefined, "danger"],
  CANCELLED: ["Cancelled", "grey", undefined],
} as const;

export function StateLabel({ state }: { state: RunState }) {
  const [text, color, status] = STATES[state];
  return (
    <Label color={color} status={status} icon={state === "RUNNING" ? <InProgressIcon /> : undefined} isCompact>
      {text}
    </Label>
  );
}
