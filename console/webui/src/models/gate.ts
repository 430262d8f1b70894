import type { AliasMove } from "../api/types";

const TEXTS: Record<AliasMove["gate"], string> = {
  NO_INCUMBENT: "Nothing to compare with",
  PASSED: "Passed",
  NOT_COMPARABLE: "Not comparable",
  INCONCLUSIVE: "Inconclusive",
  FAILED: "Failed",
  FORCED: "Overridden",
  NOT_ASKED: "Not asked",
};

export const gateText = (gate: AliasMove["gate"]) => TEXTS[gate];
