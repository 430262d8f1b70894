import { EmptyState, EmptyStateBody, Grid, GridItem } from "@patternfly/react-core";
import { ChartLineIcon } from "@patternfly/react-icons";
import { useQuery } from "@tanstack/react-query";
import { evaluationQuery } from "../api/runs";
import type { Evaluation, Run } from "../api/types";
import { ControlWarning } from "../runs/ControlWarning";
import { RunScreen } from "../runs/RunScreen";
import { isEvaluated } from "../runs/metrics";
import { Failure } from "../ui/Failure";
import { LoadingRows } from "../ui/loading";
import { ClassTable } from "./ClassTable";
import { ConfusionCard } from "./ConfusionMatrix";
import { Curves } from "./Curves";
import { DefectTable } from "./DefectTable";
import { EstimateCard } from "./EstimateTable";
import { ProductTable } from "./ProductTable";
import { SurestErrors } from "./SurestErrors";
import "./evaluation.css";

/** From this number of labels on, the confusion matrix has the width of the page. */
const MANY_LABELS = 5;

/** How well the model of a run does on the TEST images. The order of the classes and the label of the curves stand in the address. */
export function EvaluationPage() {
  return <RunScreen view="Evaluation">{(run) => <OfRun run={run} />}</RunScreen>;
}

function OfRun({ run }: { run: Run }) {
  const evaluation = useQuery({ ...evaluationQuery(run.id), enabled: isEvaluated(run) });
  if (evaluation.isError) {
    return <Failure title="The evaluation could not be loaded" error={evaluation.error} retry={() => evaluation.refetch()} />;
  }
  if (evaluation.isLoading) {
    return <LoadingRows text="Loading the evaluation" rows={8} />;
  }
  return evaluation.data ? <Report run={run} evaluation={evaluation.data} /> : <NoEvaluation run={run} />;
}

function NoEvaluation({ run }: { run: Run }) {
  return (
    <EmptyState titleText="No evaluation" headingLevel="h2" icon={ChartLineIcon}>
      <EmptyStateBody>
        {run.state === "SUCCEEDED"
          ? "The dataset version of this run has no TEST images, or the run was trained before evaluations were kept. Run it again to get one."
          : "A run is evaluated on the TEST images when it has succeeded."}
      </EmptyStateBody>
    </EmptyState>
  );
}

function Report({ run, evaluation }: { run: Run; evaluation: Evaluation }) {
  const { report } = evaluation;
  const wide = report.labels.length >= MANY_LABELS;
  return (
    <Grid hasGutter>
      {evaluation.control?.verdict === "NOT_SHOWN_BETTER" && (
        <GridItem span={12}>
          <ControlWarning run={run} control={evaluation.control} />
        </GridItem>
      )}
      <GridItem lg={7} span={12}>
        <EstimateCard run={run} evaluation={evaluation} />
      </GridItem>
      <GridItem lg={5} span={12} className="stack">
        {!wide && <ConfusionCard run={run.id} report={report} />}
        <SurestErrors run={run} />
      </GridItem>
      {wide && (
        <GridItem span={12}>
          <ConfusionCard run={run.id} report={report} />
        </GridItem>
      )}
      <GridItem span={12}>
        <Curves report={report} />
      </GridItem>
      {report.detection && (report.detection.defects || report.detection.localization) && (
        <GridItem span={12}>
          <DefectTable detection={report.detection} />
        </GridItem>
      )}
      {report.detection?.products && (
        <GridItem span={12}>
          <ProductTable products={report.detection.products} />
        </GridItem>
      )}
      <GridItem span={12}>
        <ClassTable report={report} />
      </GridItem>
    </Grid>
  );
}
