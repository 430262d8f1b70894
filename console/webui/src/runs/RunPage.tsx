import { Alert, Card, CardBody, Grid, GridItem, Progress, ProgressMeasureLocation } from "@patternfly/react-core";
import { Link } from "react-router";
import type { Run } from "../api/types";
import { duration, Moment } from "../ui/format";
import { Candidates } from "./Candidates";
import { ImageChecks } from "./ImageChecks";
import { ModelWarnings } from "./ModelWarnings";
import { ResultCard } from "./ResultCard";
import { RunCurve } from "./RunCurve";
import { RunFacts } from "./RunFacts";
import { RunLog } from "./RunLog";
import { phaseName } from "./RunProgressText";
import { RunScreen } from "./RunScreen";

/** What a run does, what it measured, and its log. */
export function RunPage() {
  return (
    <RunScreen view="Overview">
      {(run) => (
        <Grid hasGutter>
          <GridItem span={12} className="stack">
            <Now run={run} />
            <ModelWarnings run={run} />
          </GridItem>
          <GridItem lg={7} span={12} className="stack">
            <ResultCard run={run} />
            <Candidates run={run} />
            <RunCurve run={run} />
          </GridItem>
          <GridItem lg={5} span={12} className="stack">
            <RunFacts run={run} />
            <ImageChecks run={run} />
          </GridItem>
          <GridItem span={12}>
            <RunLog key={run.id} run={run} />
          </GridItem>
        </Grid>
      )}
    </RunScreen>
  );
}

/** What happens to the run at the moment, or how it ended. */
function Now({ run }: { run: Run }) {
  switch (run.state) {
    case "QUEUED":
      return (
        <Alert isInline variant="info" title={run.queue ? `Waiting: place ${run.queue.position} of ${run.queue.of}` : "Waiting"}>
          {run.queue?.reason ?? run.reason}
          {run.queue?.estimatedStart && (
            <>
              {" "}
              Expected to start at <Moment at={run.queue.estimatedStart} />.
            </>
          )}
        </Alert>
      );
    case "STARTING":
      return <Alert isInline variant="info" title="The trainer is starting" />;
    case "RUNNING":
      return <Live run={run} />;
    case "SUCCEEDED":
      return (
        <Alert
          isInline
          variant="success"
          title={
            run.kind === "IMPORT"
              ? `Imported the model ${run.importedModel?.name} and evaluated it; the model version is under Models`
              : run.kind === "EXTENSION"
                ? `Extended the model of run ${run.extendedModel?.run?.slice(-6)} by ${run.extendedModel?.images} images; the new version is under Models`
                : run.register
                  ? `Trained${run.trainSeconds ? ` in ${duration(run.trainSeconds)}` : ""}; the model version is under Models`
                  : run.kind === "EVALUATION"
                    ? `Evaluated ${modelText(run)} on dataset version ${run.datasetVersion}`
                    : `Measured${run.trainSeconds ? ` in ${duration(run.trainSeconds)}` : ""}; no model version was made`
          }
          actionLinks={(run.register || run.model?.version) && <Link to="../models">Go to the models</Link>}
        />
      );
    case "FAILED":
      return (
        <Alert isInline variant="danger" title="The run failed">
          {run.reason ?? "The log below says more."}
        </Alert>
      );
    case "CANCELLED":
      return <Alert isInline variant="custom" title="The run was cancelled" />;
  }
}

/** The model of an evaluation. */
const modelText = ({ model }: Run) => (model?.version ? `model version ${model.version}` : `the model of run ${model?.run?.slice(-6)}`);

function Live({ run }: { run: Run }) {
  const progress = run.progress;
  if (!progress) {
    return <Alert isInline variant="info" title="The trainer is running" />;
  }
  const known = progress.total > 0;
  const left = progress.etaSeconds && progress.etaSeconds > 0 ? ` · ${duration(progress.etaSeconds)} left` : "";
  const speed = progress.imagesPerSecond ? ` · ${progress.imagesPerSecond.toFixed(0)} images/s` : "";
  return (
    <Card>
      <CardBody>
        <Progress
          title={phaseName(progress.phase).replace(/^./, (first) => first.toUpperCase())}
          value={known ? (100 * progress.done) / progress.total : 0}
          label={known ? `${progress.done} of ${progress.total}${speed}${left}` : "working"}
          valueText={known ? `${progress.done} of ${progress.total}` : "working"}
          measureLocation={ProgressMeasureLocation.top}
        />
      </CardBody>
    </Card>
  );
}
