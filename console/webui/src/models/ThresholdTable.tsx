import { Label } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import type { ErrorRate, ThresholdVersion } from "../api/types";
import { metric, Moment, number } from "../ui/format";

/** All thresholds that a version had, the current one first. */
export function ThresholdTable({ thresholds }: { thresholds: ThresholdVersion[] }) {
  return (
    <Table variant="compact" borders={false} aria-label="Threshold versions">
      <Thead>
        <Tr>
          <Th>Version</Th>
          <Th>Threshold</Th>
          <Th width={25}>How it was chosen</Th>
          <Th>False alarms on DEV</Th>
          <Th>Misses on DEV</Th>
          <Th width={20}>Reason</Th>
          <Th>Set</Th>
        </Tr>
      </Thead>
      <Tbody>
        {thresholds.map((threshold) => (
          <Tr key={threshold.number}>
            <Td dataLabel="Version">
              {threshold.number}{" "}
              {threshold.current && (
                <Label color="green" isCompact>
                  current
                </Label>
              )}
            </Td>
            <Td dataLabel="Threshold" className="number">
              {metric(threshold.value)}
            </Td>
            <Td dataLabel="How it was chosen">{threshold.how}</Td>
            <Td dataLabel="False alarms on DEV" className="number">
              {errorText(threshold.dev?.falseAlarms)}
            </Td>
            <Td dataLabel="Misses on DEV" className="number">
              {errorText(threshold.dev?.misses)}
            </Td>
            <Td dataLabel="Reason">{threshold.reason ?? <span className="quiet">–</span>}</Td>
            <Td dataLabel="Set">
              <Moment at={threshold.createdAt} /> {threshold.actor && <span className="quiet">by {threshold.actor}</span>}
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}

const errorText = (errors?: ErrorRate) => (errors ? `${number(errors.count)} of ${number(errors.images)}` : "–");
