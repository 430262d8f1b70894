import { Button, Card, CardBody, CardHeader, CardTitle } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import type { Estimate, Evaluation, Run } from "../api/types";
import { byMetric, isError, metricWords } from "../runs/metrics";
import { count, metric, number } from "../ui/format";
import { intervalText } from "./report";

/** The metrics of an evaluation with their intervals, and those of its control; all of it as a file. */
export function EstimateCard({ run, evaluation }: { run: Run; evaluation: Evaluation }) {
  const { report, control } = evaluation;
  const { resamples, confidence, stratified } = report.bootstrap;
  const interval = `${Math.round(100 * confidence)} % interval`;
  return (
    <Card isFullHeight>
      <CardHeader
        actions={{
          hasNoOffset: true,
          actions: (
            <Button variant="link" component="a" href={`/api/v1/evaluations/${run.id}/report`} download={`report-${run.id}.html`}>
              Download report
            </Button>
          ),
        }}
      >
        <CardTitle component="h2">Metrics on {count(report.images, "TEST image")}</CardTitle>
      </CardHeader>
      <CardBody className="stack">
        <Table variant="compact" borders={false} aria-label="Metrics with intervals" gridBreakPoint="">
          <Thead>
            <Tr>
              <Th width={45}>Metric</Th>
              <Th>Value</Th>
              <Th modifier="nowrap">{interval}</Th>
              {control && <Th>Control</Th>}
            </Tr>
          </Thead>
          <Tbody>
            {Object.entries(report.metrics)
              .sort(([a], [b]) => byMetric(a, b))
              .map(([name, estimate]) => (
                <Tr key={name}>
                  <Td>
                    {metricWords(name).name}
                    <div className="quiet metric-help">{metricWords(name).help}</div>
                  </Td>
                  <Td className="number">
                    <strong>{metric(estimate.value)}</strong>
                  </Td>
                  <Td className="number" modifier="nowrap">
                    {intervalText(estimate)}
                    {!isError(name) && <IntervalBar estimate={estimate} />}
                  </Td>
                  {control && <Td className="number quiet">{metric(control.metrics[name])}</Td>}
                </Tr>
              ))}
          </Tbody>
        </Table>
        <p className="quiet metric-help">
          Intervals are percentiles of {number(resamples)} bootstrap resamples of the images
          {stratified && ", each with as many images of each class as TEST has"}
          {report.metrics.falsePositiveRate && "; those of false-positive rate and miss rate are exact"}.
          {control && ` Control: ${control.name}.`}
        </p>
      </CardBody>
    </Card>
  );
}

/** Where the value and its interval are between 0 and 1. */
function IntervalBar({ estimate: { value, low, high } }: { estimate: Estimate }) {
  if (low === undefined || high === undefined) {
    return null;
  }
  return (
    <div className="interval" aria-hidden>
      <div className="interval-range" style={{ insetInlineStart: percent(low), inlineSize: percent(high - Math.max(low, 0)) }} />
      <div className="interval-value" style={{ insetInlineStart: percent(value) }} />
    </div>
  );
}

const percent = (share: number) => `${100 * Math.min(Math.max(share, 0), 1)}%`;
