import { Card, CardBody, CardTitle } from "@patternfly/react-core";
import { isActive } from "../api/runs";
import type { Run } from "../api/types";
import { count } from "../ui/format";
import { ControlWarning } from "./ControlWarning";
import { MetricTable } from "./MetricTable";
import { differenceText, isControl } from "./control";

/** The metrics of a run, with those of its control beside them. */
export function ResultCard({ run }: { run: Run }) {
  const ended = run.state === "SUCCEEDED";
  const { control } = run;
  return (
    <Card>
      <CardTitle component="h2">{ended ? "Result on the TEST images" : "Newest values"}</CardTitle>
      <CardBody className="stack">
        <MetricTable
          metrics={run.metrics ?? run.progress?.metrics}
          control={control?.split === "TEST" ? control.metrics : undefined}
          active={isActive(run)}
        />
        {isControl(run) && <p className="quiet">This run is a control: its network has random weights.</p>}
        {control && (
          <p className="quiet">
            The control is a cheap model without what this one is meant to have learned: {control.name}, from{" "}
            {count(control.trainImages, "TRAIN image")}. A value that it reaches too proves nothing.
          </p>
        )}
        {control?.verdict === "BETTER" && <p>The model is better than its control. {differenceText(control)}</p>}
        {control?.verdict === "NOT_SHOWN_BETTER" && <ControlWarning run={run} control={control} />}
      </CardBody>
    </Card>
  );
}
