import {
  Alert,
  Breadcrumb,
  BreadcrumbItem,
  Button,
  Card,
  CardBody,
  Grid,
  GridItem,
  Progress,
  ProgressMeasureLocation,
} from "@patternfly/react-core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { ask, training } from "../api/client";
import { messageOf } from "../api/problem";
import { isActive, runQuery } from "../api/resources";
import type { Run } from "../api/types";
import { useProject } from "../projects/ProjectScope";
import { Failure } from "../ui/Failure";
import { Screen } from "../ui/Screen";
import { duration, Moment } from "../ui/format";
import { LoadingRows } from "../ui/loading";
import { notify } from "../ui/notices";
import { withParameters } from "../ui/search";
import { Candidates } from "./Candidates";
import { DeleteRun } from "./DeleteRun";
import { ResultCard } from "./ResultCard";
import { ResultGallery } from "./ResultGallery";
import { RunCurve } from "./RunCurve";
import { RunFacts } from "./RunFacts";
import { RunLog } from "./RunLog";
import { phaseName } from "./RunProgressText";
import { StateLabel } from "./StateLabel";
import { useLiveRun } from "./useLiveRun";

export function RunPage() {
  const id = useParams().run!;
  const project = useProject();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const run = useLiveRun(id);
  const [search, setSearch] = useSearchParams();
  const setDeleting = (on: boolean) =>
    setSearch(withParameters({ delete: on ? "" : undefined }), { replace: !on });
  const cancel = useMutation({
    mutationFn: () => ask(training.POST("/api/v1/runs/{run}/cancel", { params: { path: { run: id } } })),
    onSuccess: () => notify("The run is cancelled."),
    onError: (error) => notify(messageOf(error), "danger"),
    onSettled: () => queries.invalidateQueries(runQuery(id)),
  });
  const way = (
    <Breadcrumb>
      <BreadcrumbItem render={({ className }) => <Link className={className} to="../runs">Runs</Link>} />
      <BreadcrumbItem isActive>{id.slice(-6)}</BreadcrumbItem>
    </Breadcrumb>
  );
  if (!run.data) {
    return (
      <Screen title="Run" of={project.name} above={way}>
        {run.isError ? (
          <Failure title="The run could not be loaded" error={run.error} retry={() => run.refetch()} />
        ) : (
          <LoadingRows text="Loading the run" />
        )}
      </Screen>
    );
  }
  const now = run.data;
  return (
    <Screen
      title={`${now.recipe.name} ${id.slice(-6)}`}
      of={project.name}
      above={way}
      badge={<StateLabel state={now.state} />}
      actions={
        <>
          <Button variant="secondary" onClick={() => navigate(`../runs/new?from=${id}`)}>
            Run again with changes
          </Button>
          {isActive(now) ? (
            <Button variant="danger" onClick={() => cancel.mutate()} isDisabled={cancel.isPending}>
              Cancel run
            </Button>
          ) : (
            <Button variant="secondary" isDanger onClick={() => setDeleting(true)}>
              Delete
            </Button>
          )}
        </>
      }
    >
      <Grid hasGutter>
        <GridItem span={12}>
          <Now run={now} />
        </GridItem>
        <GridItem lg={7} span={12} className="stack">
          <ResultCard run={now} />
          <Candidates run={now} />
          <RunCurve run={now} />
        </GridItem>
        <GridItem lg={5} span={12}>
          <RunFacts run={now} />
        </GridItem>
        {now.state === "SUCCEEDED" && Object.keys(now.metrics ?? {}).length > 0 && (
          <GridItem span={12}>
            <ResultGallery run={now} />
          </GridItem>
        )}
        <GridItem span={12}>
          <RunLog key={id} run={now} />
        </GridItem>
      </Grid>
      {search.has("delete") && !isActive(now) && (
        <DeleteRun
          run={now}
          // At once: this page would ask for the run again.
          onDeleted={() => navigate("../runs", { replace: true, flushSync: true })}
          onClose={() => setDeleting(false)}
        />
      )}
    </Screen>
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
            run.register
              ? `Trained${run.trainSeconds ? ` in ${duration(run.trainSeconds)}` : ""}; the model version is under Models`
              : `Measured${run.trainSeconds ? ` in ${duration(run.trainSeconds)}` : ""}; no model version was made`
          }
          actionLinks={run.register && <Link to="../models">Go to the models</Link>}
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
