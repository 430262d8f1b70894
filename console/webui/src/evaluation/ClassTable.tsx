import { Button, Card, CardBody, CardTitle } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useState } from "react";
import { useSearchParams } from "react-router";
import type { Average, EvaluationReport } from "../api/types";
import { orderOf, orderText } from "../runs/columns";
import { count, metric, number } from "../ui/format";
import { withParameters } from "../ui/search";
import { CLASS_COLUMNS, sortedClasses } from "./report";

const SHOWN = 50;

const AVERAGES = [
  ["macro", "Average, each class the same"],
  ["weighted", "Average, weighted by images"],
  ["micro", "All answers together"],
] as const;

/** Precision, recall, F1 and support of each class. The order stands in the address. */
export function ClassTable({ report }: { report: EvaluationReport }) {
  const [search, setSearch] = useSearchParams();
  const [all, setAll] = useState(false);
  const order = orderOf(search.get("sort"));
  const sortedBy = CLASS_COLUMNS.findIndex((column) => column.key === order?.key);
  const rows = sortedClasses(report.classes, order);
  return (
    <Card>
      <CardTitle component="h2">Classes</CardTitle>
      <CardBody className="stack">
        <div className="table-scroll">
          <Table variant="compact" borders={false} aria-label="Classes" gridBreakPoint="">
            <Thead>
              <Tr>
                {CLASS_COLUMNS.map(({ key, title }, index) => (
                  <Th
                    key={key}
                    modifier="wrap"
                    sort={{
                      columnIndex: index,
                      sortBy: sortedBy < 0 ? {} : { index: sortedBy, direction: order?.descending ? "desc" : "asc" },
                      onSort: (_, __, direction) =>
                        setSearch(withParameters({ sort: orderText({ key, descending: direction === "desc" }) })),
                    }}
                  >
                    {title}
                  </Th>
                ))}
              </Tr>
            </Thead>
            <Tbody>
              {rows.slice(0, all ? undefined : SHOWN).map((row) => (
                <Tr key={row.label}>
                  {CLASS_COLUMNS.map(({ key }) => (
                    <Td key={key} className={key === "label" ? undefined : "number"}>
                      {key === "label" ? row.label : key === "support" || key === "predicted" ? number(row[key]) : metric(row[key])}
                    </Td>
                  ))}
                </Tr>
              ))}
              {AVERAGES.map(([name, title]) => (
                <AverageRow key={name} title={title} average={report.averages[name]} />
              ))}
            </Tbody>
          </Table>
        </div>
        {!all && rows.length > SHOWN && (
          <div>
            <Button variant="secondary" onClick={() => setAll(true)}>
              Show all of {count(rows.length, "class", "classes")}
            </Button>
          </div>
        )}
      </CardBody>
    </Card>
  );
}

function AverageRow({ title, average }: { title: string; average: Average }) {
  return (
    <Tr>
      <Td colSpan={3} className="quiet">
        {title}
      </Td>
      <Td className="number">{metric(average.precision)}</Td>
      <Td className="number">{metric(average.recall)}</Td>
      <Td className="number">{metric(average.f1)}</Td>
      <Td colSpan={2} />
    </Tr>
  );
}
