import { Alert, Card, CardBody, CardTitle, Content } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { devScoresQuery, modelVersionQuery, thresholdsQuery } from "../api/models";
import type { ModelVersion, ThresholdVersion } from "../api/types";
import { useProject } from "../projects/ProjectScope";
import { WarningsOfRun } from "../runs/ModelWarnings";
import { Failure } from "../ui/Failure";
import { Screen } from "../ui/Screen";
import { LoadingRows } from "../ui/loading";
import { ThresholdEditor } from "./ThresholdEditor";
import { ThresholdTable } from "./ThresholdTable";

/** From which score on a detector calls an image anomalous: what a threshold does on DEV, and all that there were. */
export function ThresholdPage() {
  const project = useProject();
  const number = Number(useParams().number);
  const version = useQuery(modelVersionQuery(project.name, number));
  const isDetector = version.data?.task === "ANOMALY_DETECTION";
  return (
    <Screen
      title={`Threshold of version ${number}`}
      of={project.name}
      lead="Images with a score from the threshold on are called abnormal. The model and its scores stay the same."
      above={<Link to="../models">Models</Link>}
    >
      {version.isError && (
        <Failure title="The version could not be loaded" error={version.error} retry={() => version.refetch()} />
      )}
      {version.isPending && <LoadingRows text="Loading the version" />}
      {version.data && !isDetector && <Alert isInline variant="info" title="A classifier has no threshold." />}
      {version.data && isDetector && <Detector project={project.name} version={version.data} />}
    </Screen>
  );
}

function Detector({ project, version }: { project: string; version: ModelVersion }) {
  const thresholds = useQuery(thresholdsQuery(project, version.number));
  const dev = useQuery(devScoresQuery(project, version.number));
  const failed = [thresholds, dev].find((query) => query.isError);
  const current = thresholds.data?.find((threshold: ThresholdVersion) => threshold.current);
  if (failed) {
    return <Failure title="The thresholds could not be loaded" error={failed.error} retry={() => failed.refetch()} />;
  }
  if (!thresholds.data || !current || dev.data === undefined) {
    return <LoadingRows text="Loading the thresholds" />;
  }
  return (
    <div className="stack-large">
      <WarningsOfRun id={version.runId} />
      {dev.data === null && (
        <Alert isInline variant="warning" title="This version has no scores of DEV images">
          It was trained before Loupe kept them. Train it again to see what a threshold does; until then, a threshold can be
          set by hand.
        </Alert>
      )}
      {/* A new threshold begins at the current one. */}
      <ThresholdEditor key={current.number} project={project} version={version.number} current={current} dev={dev.data} />
      <Card>
        <CardTitle component="h2">Threshold versions</CardTitle>
        <CardBody>
          <Content component="p" className="quiet">
            Each answer names the threshold version that decided.
          </Content>
          <ThresholdTable thresholds={thresholds.data} />
        </CardBody>
      </Card>
    </div>
  );
}
