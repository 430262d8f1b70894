import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { Link, useSearchParams } from "react-router";
import type { Search, Trial } from "../api/types";
import { parameterLabel } from "../runs/parameters";
import { StateLabel } from "../runs/StateLabel";
import { duration, metric } from "../ui/format";
import { withParameters } from "../ui/search";

interface TrialColumn {
  key: string;
  title: string;
  value: (trial: Trial) => unknown;
}

/** The trials; the order stands in the address. */
export function TrialTable({ search }: { search: Search }) {
  const [parameters, setParameters] = useSearchParams();
  const columns: TrialColumn[] = [
    { key: "rank", title: "Rank", value: (trial) => trial.rank },
    { key: "number", title: "Trial", value: (trial) => trial.number },
    { key: "metric", title: `${parameterLabel(search.objective)} on DEV`, value: (trial) => trial.metric },
    ...Object.keys(search.space).map((name) => ({
      key: `parameter.${name}`,
      title: parameterLabel(name),
      value: (trial: Trial) => trial.parameters[name],
    })),
    { key: "epochs", title: "Epochs", value: (trial) => trial.trainedEpochs ?? trial.epochs },
    { key: "seconds", title: "Time", value: (trial) => trial.seconds },
    { key: "state", title: "State", value: (trial) => trial.state },
  ];
  const sort = parameters.get("sort") ?? "rank";
  const descending = sort.startsWith("-");
  const sortedBy = Math.max(0, columns.findIndex(({ key }) => key === sort.replace(/^-/, "")));
  const rows = (search.results ?? []).toSorted((a, b) =>
    compared(columns[sortedBy].value(a), columns[sortedBy].value(b), descending),
  );
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label="Trials">
      <Table variant="compact" aria-label="Trials" gridBreakPoint="">
        <Thead>
          <Tr>
            {columns.map(({ key, title }, index) => (
              <Th
                key={key}
                modifier="nowrap"
                sort={{
                  columnIndex: index,
                  sortBy: { index: sortedBy, direction: descending ? "desc" : "asc" },
                  onSort: (_, __, direction) =>
                    setParameters(withParameters({ sort: (direction === "desc" ? "-" : "") + key }), { replace: true }),
                }}
              >
                {title}
              </Th>
            ))}
          </Tr>
        </Thead>
        <Tbody>
          {rows.map((trial) => (
            <Tr key={trial.number}>
              {columns.map((column) => (
                <Td key={column.key} className={column.key === "state" ? undefined : "number"}>
                  <Cell trial={trial} column={column} />
                </Td>
              ))}
            </Tr>
          ))}
        </Tbody>
      </Table>
    </div>
  );
}

function Cell({ trial, column }: { trial: Trial; column: TrialColumn }) {
  const value = column.value(trial);
  switch (column.key) {
    case "number":
      return trial.run ? <Link to={`../runs/${trial.run}`}>{trial.number}</Link> : trial.number;
    case "metric":
      return metric(trial.metric);
    case "seconds":
      return trial.seconds ? duration(trial.seconds) : "–";
    case "state":
      return (
        <>
          <StateLabel state={trial.state === "RUNNING" ? (trial.runState ?? "QUEUED") : trial.state} /> {trial.reason}
        </>
      );
    default:
      return value === undefined || value === null ? "–" : String(value);
  }
}

/** Trials without a value come last. */
function compared(a: unknown, b: unknown, descending: boolean): number {
  if (a === undefined || a === null || b === undefined || b === null) {
    return Number(a === undefined || a === null) - Number(b === undefined || b === null);
  }
  const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
  return descending ? -order : order;
}
