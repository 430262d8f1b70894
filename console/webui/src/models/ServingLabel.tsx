import { Label, Tooltip } from "@patternfly/react-core";
import type { ModelVersion } from "../api/types";
import { bytes } from "../ui/format";

const STATES = {
  READY: ["Ready", "success", "Its answers were checked against those of the trainer"],
  LOADING: ["Loading", undefined, "The package is downloaded and checked"],
  UNAVAILABLE: ["Unavailable", "danger", "It failed its check"],
  UNLOADED: ["Not loaded", undefined, "It is loaded when it is asked for"],
} as const;

/** The state of a version in the replica that answered. */
export function ServingLabel({ version }: { version: ModelVersion }) {
  const [text, good, help] = STATES[version.state];
  const status = version.state === "READY" && version.reason ? "warning" : good;
  const memory = [version.memoryBytes ? bytes(version.memoryBytes) : "", version.pinned ? "pinned" : ""].filter(Boolean);
  return (
    <>
      <Tooltip content={version.reason ?? help}>
        <Label
          status={status}
          color={status ? undefined : version.state === "LOADING" ? "blue" : "grey"}
          isCompact
          tabIndex={0}
        >
          {text}
        </Label>
      </Tooltip>
      {memory.length > 0 && <div className="quiet">{memory.join(", ")}</div>}
    </>
  );
}
