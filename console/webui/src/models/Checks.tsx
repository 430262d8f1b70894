import { Content, Label } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import type { PromotionCheck } from "../api/types";
import { metricWords } from "../runs/metrics";

const OUTCOMES = {
  PASS: { text: "Passed", status: "success" },
  FAIL: { text: "Failed", status: "danger" },
  INCONCLUSIVE: { text: "Inconclusive", status: "warning" },
} as const;

function nameOf(check: PromotionCheck) {
  switch (check.kind) {
    case "NOT_WORSE":
      return check.subject ? `${metricWords(check.subject).name}: not worse than now` : "Not worse than now";
    case "METRIC_FLOOR":
      return `${metricWords(check.subject!).name}: smallest value`;
    case "RECALL_FLOOR":
      return `Recall of ${check.subject}`;
    case "TEST_IMAGES":
      return "Number of TEST images";
  }
}

/** Each check of a promotion, with what was expected and what was found. */
export function Checks({ checks }: { checks: PromotionCheck[] }) {
  if (checks.length === 0) {
    return <Content component="p">There is no version to compare with, and the policy has no other check.</Content>;
  }
  return (
    <Table variant="compact" borders={false} aria-label="Checks of the promotion">
      <Thead>
        <Tr>
          <Th width={30}>Check</Th>
          <Th>Outcome</Th>
          <Th width={20}>Expected</Th>
          <Th width={35}>Found</Th>
        </Tr>
      </Thead>
      <Tbody>
        {checks.map((check) => (
          <Tr key={`${check.kind} ${check.subject ?? ""}`}>
            <Td dataLabel="Check">{nameOf(check)}</Td>
            <Td dataLabel="Outcome">
              <Label status={OUTCOMES[check.outcome].status} isCompact>
                {OUTCOMES[check.outcome].text}
              </Label>
            </Td>
            <Td dataLabel="Expected">{check.expected}</Td>
            <Td dataLabel="Found">
              {check.found}
              {check.remedy && <div className="quiet metric-help">{check.remedy}</div>}
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
