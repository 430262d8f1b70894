import { Alert, Content, Label } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import type { PromotionCheck } from "../api/types";
import { useSearchParams } from "react-router";
import { RoleButton } from "../login/RoleButton";
import { useProject } from "../projects/ProjectScope";
import { metricWords } from "../runs/metrics";
import { missingEvaluations } from "./missing";

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
    <>
      <CheckTable checks={checks} />
      <MissingEvaluations checks={checks} />
    </>
  );
}

function CheckTable({ checks }: { checks: PromotionCheck[] }) {
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

/** A way to each evaluation that the checks lack; nothing if they have all that they need. */
function MissingEvaluations({ checks }: { checks: PromotionCheck[] }) {
  const project = useProject();
  const [, setSearch] = useSearchParams();
  return missingEvaluations(checks).map(({ modelVersion, datasetVersion }) => (
    <Alert
      key={`${modelVersion} ${datasetVersion}`}
      isInline
      variant="info"
      title={`An evaluation of version ${modelVersion} on dataset version ${datasetVersion} is missing`}
      component="p"
      actionLinks={
        <RoleButton
          needs="ENGINEER"
          projectId={project.id}
          variant="link"
          isInline
          onClick={() => setSearch({ evaluate: String(modelVersion), on: String(datasetVersion) })}
        >
          Evaluate version {modelVersion} on dataset version {datasetVersion}
        </RoleButton>
      }
    >
      It takes less time than a training. Once it has ended, promote again.
    </Alert>
  ));
}
