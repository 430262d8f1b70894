import { Alert, Breadcrumb, BreadcrumbItem, Checkbox } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { comparisonQuery } from "../api/resources";
import type { ComparedRow, RunComparison } from "../api/types";
import { useProject } from "../projects/ProjectScope";
import { Failure } from "../ui/Failure";
import { Screen } from "../ui/Screen";
import { metric, Moment } from "../ui/format";
import { LoadingRows } from "../ui/loading";
import { StateLabel } from "./StateLabel";
import { metricWords } from "./metrics";
import { parameterLabel } from "./parameters";

/** Runs side by side: ?ids=RUN,RUN, and with ?different only what differs. */
export function ComparePage() {
  const project = useProject();
  const [search, setSearch] = useSearchParams();
  const ids = (search.get("ids") ?? "").split(",").filter(Boolean);
  const different = search.has("different");
  const comparison = useQuery({ ...comparisonQuery(ids), enabled: ids.length > 1 });
  return (
    <Screen
      title="Compare runs"
      of={project.name}
      above={
        <Breadcrumb>
          <BreadcrumbItem render={({ className }) => <Link className={className} to="../runs">Runs</Link>} />
          <BreadcrumbItem isActive>Compare</BreadcrumbItem>
        </Breadcrumb>
      }
    >
      {ids.length < 2 && <Alert isInline variant="info" title="Select two or more runs in the table of runs to compare them." />}
      {comparison.isError && (
        <Failure title="The runs could not be compared" error={comparison.error} retry={() => comparison.refetch()} />
      )}
      {comparison.isLoading && <LoadingRows text="Comparing" />}
      {comparison.data && (
        <div className="stack">
          {!comparison.data.sameTestImages && (
            <Alert isInline variant="warning" title="The runs were measured on different TEST images">
              Differences of their metrics may come from the images. Train them on one dataset version to compare them.
            </Alert>
          )}
          <Checkbox
            id="different"
            label="Only what differs"
            isChecked={different}
            onChange={(_, on) => setSearch({ ids: ids.join(","), ...(on && { different: "" }) }, { replace: true })}
          />
          <Comparison comparison={comparison.data} different={different} />
        </div>
      )}
    </Screen>
  );
}

function Comparison({ comparison, different }: { comparison: RunComparison; different: boolean }) {
  const wanted = (rows: ComparedRow[]) => rows.filter((row) => row.differs || !different);
  return (
    <Table variant="compact" aria-label="Comparison" gridBreakPoint="">
      <Thead>
        <Tr>
          <Th width={20} screenReaderText="Property" />
          {comparison.runs.map((run) => (
            <Th key={run.id} modifier="nowrap">
              <Link to={`../runs/${run.id}`}>{run.id.slice(-6)}</Link> <StateLabel state={run.state} />
              <div className="quiet">
                <Moment at={run.createdAt} />
              </div>
            </Th>
          ))}
        </Tr>
      </Thead>
      <Tbody>
        {wanted(comparison.metrics).map((row) => (
          <Row key={row.name} row={row} name={metricWords(row.name).name} text={(value) => metric(value as number | undefined)} />
        ))}
        {wanted(comparison.parameters).map((row) => (
          <Row key={row.name} row={row} name={parameterLabel(row.name)} text={(value) => String(value ?? "–")} />
        ))}
      </Tbody>
    </Table>
  );
}

function Row({ row, name, text }: { row: ComparedRow; name: string; text: (value: unknown) => string }) {
  return (
    <Tr>
      <Td>{name}</Td>
      {row.values.map((value, run) => (
        <Td key={run} className="number">
          {row.differs ? <strong>{text(value)}</strong> : text(value)}
        </Td>
      ))}
    </Tr>
  );
}
