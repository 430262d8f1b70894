import { Button, Card, CardBody, CardTitle, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter } from "@patternfly/react-core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { predictionCountsQuery, predictionLogQuery, predictionsQuery } from "../api/models";
import type { PredictionLogState } from "../api/types";
import { useProject } from "../projects/ProjectScope";
import { Failure } from "../ui/Failure";
import { Screen } from "../ui/Screen";
import { LoadingRows } from "../ui/loading";
import { withParameters } from "../ui/search";
import { CountPlot } from "./CountPlot";
import { DriftAlerts } from "./DriftAlerts";
import { LiveMetricsCard } from "./LiveMetricsCard";
import { LogSettingsForm } from "./LogSettingsForm";
import { PredictionFilters, filterOf } from "./PredictionFilters";
import { PredictionTable } from "./PredictionTable";
import { ReviewCard } from "./ReviewCard";
import { loggedText } from "./settings";
import "./predictions.css";

/** The predictions that were made: over time, and each; ?settings opens what is logged. */
export function PredictionsPage() {
  const project = useProject();
  const [search, setSearch] = useSearchParams();
  const log = useQuery(predictionLogQuery(project.name));
  const open = (settings: boolean) => setSearch(withParameters({ settings: settings ? "" : undefined }));
  return (
    <Screen
      title="Predictions"
      of={project.name}
      lead={log.data ? loggedText(log.data.settings) : "The predictions that the models of this project made."}
      actions={
        log.data && (
          <Button variant="secondary" onClick={() => open(true)}>
            Settings
          </Button>
        )
      }
    >
      {log.isError && <Failure title="The settings could not be loaded" error={log.error} retry={() => log.refetch()} />}
      {log.isPending && <LoadingRows text="Loading the predictions" />}
      {log.data === null && (
        <EmptyState titleText="No model yet" headingLevel="h2">
          <EmptyStateBody>A project makes predictions after its first training.</EmptyStateBody>
        </EmptyState>
      )}
      {log.data && <Log project={project.name} state={log.data} onSettings={() => open(true)} />}
      {log.data && search.has("settings") && (
        <LogSettingsForm project={project.name} state={log.data} onClose={() => open(false)} />
      )}
    </Screen>
  );
}

function Log({ project, state, onSettings }: { project: string; state: PredictionLogState; onSettings: () => void }) {
  const [search] = useSearchParams();
  const filter = filterOf(search);
  const counts = useQuery(predictionCountsQuery(project));
  const predictions = useInfiniteQuery(predictionsQuery(project, filter));
  const failed = [counts, predictions].find((query) => query.isError);
  const rows = predictions.data?.pages.flatMap((page) => page.items) ?? [];
  if (failed) {
    return <Failure title="The predictions could not be loaded" error={failed.error} retry={() => failed.refetch()} />;
  }
  if (!counts.data || predictions.isPending) {
    return <LoadingRows text="Loading the predictions" />;
  }
  const filtered = Object.values(filter).some((value) => value !== undefined);
  if (rows.length === 0 && !filtered) {
    return <Nothing state={state} onSettings={onSettings} />;
  }
  return (
    <div className="stack-large">
      <DriftAlerts project={project} />
      <Card>
        <CardTitle component="h2">The last 24 hours</CardTitle>
        <CardBody>
          <CountPlot counts={counts.data} />
        </CardBody>
      </Card>
      <LiveMetricsCard project={project} />
      <ReviewCard project={project} />
      <Card>
        <CardTitle component="h2">Predictions</CardTitle>
        <CardBody className="stack">
          <PredictionFilters project={project} />
          {rows.length === 0 ? (
            <p className="quiet">No prediction is like this.</p>
          ) : (
            <PredictionTable project={project} predictions={rows} />
          )}
          {predictions.hasNextPage && (
            <div>
              <Button
                variant="secondary"
                onClick={() => predictions.fetchNextPage()}
                isLoading={predictions.isFetchingNextPage}
              >
                Show more
              </Button>
            </div>
          )}
        </CardBody>
      </Card>
    </div>
  );
}

function Nothing({ state, onSettings }: { state: PredictionLogState; onSettings: () => void }) {
  const off = state.settings.mode === "OFF";
  return (
    <EmptyState titleText={off ? "Predictions are not logged" : "No predictions yet"} headingLevel="h2">
      <EmptyStateBody>
        {off
          ? "Log them to see what the models predict in production, and to notice when the images change."
          : "Predictions appear here seconds after they are made."}
      </EmptyStateBody>
      {off && (
        <EmptyStateFooter>
          <EmptyStateActions>
            <Button onClick={onSettings}>Log predictions</Button>
          </EmptyStateActions>
        </EmptyStateFooter>
      )}
    </EmptyState>
  );
}
