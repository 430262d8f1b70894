import { Content } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { metric } from "../ui/format";
import { metricWords, sortedMetrics } from "./metrics";

interface Props {
  metrics?: Record<string, number>;
  /** The same metrics of the run's control. */
  control?: Record<string, number>;
  active?: boolean;
}

export function MetricTable({ metrics, control, active }: Props) {
  const rows = sortedMetrics(metrics ?? {});
  if (rows.length === 0) {
    return (
      <Content component="p" className="quiet">
        {active ? "The trainer has not reported any value yet." : "This run reported no values."}
      </Content>
    );
  }
  return (
    <Table variant="compact" borders={false} aria-label="Metrics">
      <Thead>
        <Tr>
          <Th width={60}>Metric</Th>
          <Th>Value</Th>
          {control && <Th>Control</Th>}
        </Tr>
      </Thead>
      <Tbody>
        {rows.map(([key, value]) => (
          <Tr key={key}>
            <Td dataLabel="Metric">
              {metricWords(key).name}
              {metricWords(key).help && <div className="quiet metric-help">{metricWords(key).help}</div>}
            </Td>
            <Td dataLabel="Value" className="number">
              {metric(value)}
            </Td>
            {control && (
              <Td dataLabel="Control" className="number quiet">
                {metric(control[key])}
              </Td>
            )}
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
