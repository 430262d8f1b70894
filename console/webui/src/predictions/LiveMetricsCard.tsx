import { Card, CardBody, CardTitle, Content } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useQuery } from "@tanstack/react-query";
import { liveMetricsQuery } from "../api/models";
import type { LiveMetrics, LiveRate } from "../api/types";
import { Failure } from "../ui/Failure";
import { number } from "../ui/format";
import { LoadingRows } from "../ui/loading";
import { percent } from "./settings";

/** How right the predictions of the last 30 days were, by version. */
export function LiveMetricsCard({ project }: { project: string }) {
  const metrics = useQuery(liveMetricsQuery(project));
  return (
    <Card>
      <CardTitle component="h2">How right they were, in 30 days</CardTitle>
      <CardBody>
        {metrics.isError && (
          <Failure title="The metrics could not be loaded" error={metrics.error} retry={() => metrics.refetch()} />
        )}
        {metrics.isPending && <LoadingRows text="Loading the metrics" rows={2} />}
        {metrics.data && <Versions metrics={metrics.data} />}
      </CardBody>
    </Card>
  );
}

function Versions({ metrics }: { metrics: LiveMetrics }) {
  const known = metrics.versions.filter(({ rates }) => rates.accuracy);
  if (known.length === 0) {
    return (
      <Content component="p" className="quiet">
        No outcome is reported. Report what images really show, by the id of their prediction: ReportOutcome, or
        ./loupe outcomes report.
      </Content>
    );
  }
  const detector = metrics.task === "ANOMALY_DETECTION";
  return (
    <>
      <Table variant="compact" borders={false} aria-label="Live metrics">
        <Thead>
          <Tr>
            <Th>Version</Th>
            <Th modifier="nowrap">Predictions</Th>
            <Th>Right</Th>
            {detector && <Th>False alarms</Th>}
            {detector && <Th>Misses</Th>}
          </Tr>
        </Thead>
        <Tbody>
          {known.map(({ version, rates }) => (
            <Tr key={version}>
              <Td dataLabel="Version">{version}</Td>
              <Td dataLabel="Predictions">{number(rates.predictions)}</Td>
              <Td dataLabel="Right">
                <Rate rate={rates.accuracy} />
              </Td>
              {detector && (
                <Td dataLabel="False alarms">
                  <Rate rate={rates.falseAlarms} />
                </Td>
              )}
              {detector && (
                <Td dataLabel="Misses">
                  <Rate rate={rates.misses} />
                </Td>
              )}
            </Tr>
          ))}
        </Tbody>
      </Table>
      <Content component="p" className="quiet">
        Of the predictions whose outcome is known. In brackets the 95 % confidence interval.
      </Content>
    </>
  );
}

function Rate({ rate }: { rate?: LiveRate }) {
  return rate ? (
    <>
      {percent(rate.rate)}{" "}
      <span className="quiet">
        [{percent(rate.lower)}, {percent(rate.upper)}], {number(rate.count)} of {number(rate.predictions)}
      </span>
    </>
  ) : (
    <span className="quiet">–</span>
  );
}
