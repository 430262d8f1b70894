import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { ComparedRow, Estimate, Evaluation, RunComparison } from "../api/types";
import { intervalText } from "../evaluation/report";
import { metric, Moment } from "../ui/format";
import { StateLabel } from "./StateLabel";
import { metricRows, shortId } from "./compare";
import { metricWords } from "./metrics";
import { parameterLabel } from "./parameters";
import "./runs.css";

interface Props {
  comparison: RunComparison;
  /** Whether rows with one value for all runs are left out. */
  different: boolean;
  /** Of the runs by id, as far as they are known: their metrics have intervals. */
  evaluations: Map<string, Evaluation>;
}

/** Metrics and parameters, a column for each run. */
export function ComparisonTable({ comparison, different, evaluations }: Props) {
  const wanted = (rows: ComparedRow[]) => rows.filter((row) => row.differs || !different);
  const estimates = comparison.runs.map((run) => evaluations.get(run.id)?.report.metrics ?? {});
  return (
    <div className="table-scroll">
      <Table variant="compact" aria-label="Comparison" gridBreakPoint="">
        <Thead>
          <Tr>
            <Th width={20} screenReaderText="Property" />
            {comparison.runs.map((run) => (
              <Th key={run.id} modifier="nowrap">
                <Link to={`../runs/${run.id}`}>{shortId(run)}</Link> <StateLabel state={run.state} />
                <div className="quiet">
                  <Moment at={run.createdAt} />
                </div>
              </Th>
            ))}
          </Tr>
        </Thead>
        <Tbody>
          {wanted(metricRows(comparison.metrics, estimates)).map((row) => (
            <Row key={row.name} row={row} name={metricWords(row.name).name}>
              {(value, run) => <Measured value={value as number | undefined} estimate={estimates[run][row.name]} />}
            </Row>
          ))}
          {wanted(comparison.parameters).map((row) => (
            <Row key={row.name} row={row} name={parameterLabel(row.name)}>
              {(value) => String(value ?? "–")}
            </Row>
          ))}
        </Tbody>
      </Table>
    </div>
  );
}

interface RowProps {
  row: ComparedRow;
  name: string;
  /** What stands in the column of a run. */
  children: (value: unknown, run: number) => ReactNode;
}

function Row({ row, name, children }: RowProps) {
  return (
    <Tr>
      <Td>{name}</Td>
      {row.values.map((value, run) => (
        <Td key={run} className="number">
          {row.differs ? <strong>{children(value, run)}</strong> : children(value, run)}
        </Td>
      ))}
    </Tr>
  );
}

function Measured({ value, estimate }: { value?: number; estimate?: Estimate }) {
  return (
    <>
      {metric(value)}
      {estimate?.low !== undefined && <span className="quiet compared-interval">{intervalText(estimate)}</span>}
    </>
  );
}
