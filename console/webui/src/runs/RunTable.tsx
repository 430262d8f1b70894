import { Label } from "@patternfly/react-core";
import { ActionsColumn, Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { Link, useNavigate } from "react-router";
import { isActive } from "../api/runs";
import type { Run } from "../api/types";
import { duration, metric, Moment } from "../ui/format";
import { RunProgressText } from "./RunProgressText";
import { StateLabel } from "./StateLabel";
import { type Column, type Order, sortedRuns } from "./columns";
import "./runs.css";

const MOST_COMPARED = 20;

interface Props {
  runs: Run[];
  columns: Column[];
  order?: Order;
  onOrder: (order: Order) => void;
  selected: string[];
  onSelect: (selected: string[]) => void;
  onDelete: (run: Run) => void;
}

export function RunTable({ runs, columns, order, onOrder, selected, onSelect, onDelete }: Props) {
  const navigate = useNavigate();
  const sortedBy = columns.findIndex((column) => column.key === order?.key);
  const rows = sortedRuns(runs, columns.find((column) => column.key === order?.key), order?.descending ?? false);
  return (
    <div className="table-scroll">
      <Table variant="compact" aria-label="Runs" gridBreakPoint="grid-lg">
        <Thead>
          <Tr>
            <Th screenReaderText="Compare" />
            {columns.map((column, index) => (
              <Th
                key={column.key}
                modifier="nowrap"
                sort={{
                  columnIndex: index,
                  sortBy: sortedBy < 0 ? {} : { index: sortedBy, direction: order?.descending ? "desc" : "asc" },
                  onSort: (_, __, direction) => onOrder({ key: column.key, descending: direction === "desc" }),
                }}
              >
                {column.title}
              </Th>
            ))}
            <Th screenReaderText="Actions" />
          </Tr>
        </Thead>
        <Tbody>
          {rows.map((run, index) => (
            <Tr key={run.id}>
              <Td
                select={{
                  rowIndex: index,
                  isSelected: selected.includes(run.id),
                  isDisabled: !selected.includes(run.id) && selected.length >= MOST_COMPARED,
                  onSelect: (_, on) => onSelect(on ? [...selected, run.id] : selected.filter((id) => id !== run.id)),
                }}
              />
              {columns.map((column) => (
                <Td
                  key={column.key}
                  dataLabel={column.title}
                  className={column.kind === "text" ? undefined : "number"}
                  modifier={column.kind === "state" || column.kind === "run" ? undefined : "nowrap"}
                >
                  <Cell run={run} column={column} />
                </Td>
              ))}
              <Td isActionCell>
                <ActionsColumn
                  items={[
                    ...(run.kind === "TRAINING"
                      ? [{ title: "Run again with changes", onClick: () => void navigate(`new?from=${run.id}`) }]
                      : []),
                    { title: "Delete", onClick: () => onDelete(run), isDisabled: isActive(run) },
                  ]}
                />
              </Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
    </div>
  );
}

function Cell({ run, column }: { run: Run; column: Column }) {
  const value = column.value(run);
  switch (column.kind) {
    case "run":
      return (
        <>
          <Link to={run.id}>
            {run.recipe.name} {run.id.slice(-6)}
          </Link>{" "}
          {run.kind === "EXTENSION" && (
            <Label isCompact variant="outline">
              extension
            </Label>
          )}
          {!run.register && (
            <Label isCompact variant="outline">
              {run.kind === "EVALUATION" ? "evaluation" : run.devOnly ? "trial" : "measures only"}
            </Label>
          )}
        </>
      );
    case "state":
      return (
        <>
          <StateLabel state={run.state} />
          <RunProgressText run={run} />
        </>
      );
    case "version":
      return <Link to={`../versions/${run.datasetVersion}`}>Version {run.datasetVersion}</Link>;
    case "metric":
      return metric(value as number | undefined);
    case "seconds":
      return value === undefined ? "–" : duration(value as number);
    case "moment":
      return <Moment at={value as string | undefined} />;
    default:
      return value === undefined ? <span className="quiet">–</span> : String(value);
  }
}
