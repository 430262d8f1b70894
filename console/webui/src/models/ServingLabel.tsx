import { Label, Tooltip } from "@patternfly/react-core";
import type { ModelVersion } from "../api/types";

const STATES = {
  READY: ["Ready", "success", "Its answers were checked against those of the trainer"],
  LOADING: ["Loading", undefined, "The package is downloaded and checked"],
  UNAVAILABLE: ["Unavailable", "danger", "It failed its check"],
  UNLOADED: ["Not loaded", undefined, "It is loaded when it is asked for"],
} as const;

/** The state of a version in the replica that answered. */
export function ServingLabel({ version }: { version: ModelVersion }) {
  const [text, status, help] = STATES[version.state];
  return (
    <Tooltip content={version.reason ?? help}>
      <Label status={status} color={status ? undefined : version.state === "LOADING" ? "blue" : "grey"} isCompact tabIndex={0}>
        {text}
      </Label>
    </Tooltip>
  );
}
