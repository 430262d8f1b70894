import { Card, CardBody, CardTitle, Label } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import type { Run } from "../api/types";
import { duration, metric } from "../ui/format";
import { mainMetric, metricWords } from "./metrics";

/** The recipes that a run tried before it chose one of them; nothing for a run that had no choice. */
export function Candidates({ run }: { run: Run }) {
  const { selection } = run;
  if (!selection) {
    return null;
  }
  const main = mainMetric(run.task);
  const onDev = `${metricWords(main).name} on DEV`;
  return (
    <Card>
      <CardTitle component="h2">Candidates</CardTitle>
      <CardBody>
        <p>
          <strong>{selection.chosen}</strong> was chosen: {selection.reason}. No TEST image was looked at for it.
        </p>
        <Table variant="compact" aria-label="Candidates">
          <Thead>
            <Tr>
              <Th>Candidate</Th>
              <Th>{onDev}</Th>
              <Th>Time</Th>
              <Th>Note</Th>
            </Tr>
          </Thead>
          <Tbody>
            {selection.candidates.map(({ name, devMetrics, seconds, note }) => (
              <Tr key={name} isRowSelected={name === selection.chosen}>
                <Td dataLabel="Candidate">
                  {name} {name === selection.chosen && <Label color="green" isCompact>chosen</Label>}
                </Td>
                <Td dataLabel={onDev}>{metric(devMetrics[main])}</Td>
                <Td dataLabel="Time">{duration(seconds)}</Td>
                <Td dataLabel="Note">{note ?? ""}</Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
      </CardBody>
    </Card>
  );
}
