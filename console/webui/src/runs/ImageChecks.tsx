import { Card, CardBody, CardTitle } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Link } from "react-router";
import { labelIssuesQuery, learningCurveQuery } from "../api/runs";
import type { LabelIssuePage, LearningCurve, Run } from "../api/types";
import { Plot } from "../ui/Plot";
import { count, number } from "../ui/format";
import { growthData } from "./curve";

/** What the trainer of a classifier found out about its images: wrong labels, and whether more would help. */
export function ImageChecks({ run }: { run: Run }) {
  const checked = run.state === "SUCCEEDED" && run.checkLabels;
  const issues = useQuery({ ...labelIssuesQuery(run.id), enabled: checked }).data;
  const curve = useQuery({ ...learningCurveQuery(run.id), enabled: checked }).data;
  if (!checked || (!issues && !curve)) {
    return null;
  }
  return (
    <Card>
      <CardTitle component="h2">About the images</CardTitle>
      <CardBody>
        {issues && <Labels issues={issues} />}
        {curve && <More curve={curve} />}
      </CardBody>
    </Card>
  );
}

function Labels({ issues }: { issues: LabelIssuePage }) {
  if (issues.skipped) {
    return <p className="quiet">The labels were not checked: {issues.skipped.message}.</p>;
  }
  return (
    <p>
      {issues.total === 0 ? (
        <>No label of {count(issues.images, "image")} looks wrong.</>
      ) : (
        <>
          The labels of {number(issues.total)} of {count(issues.images, "image")} are probably wrong.{" "}
          <Link to="../findings?kind=LIKELY_WRONG_LABEL">Show the findings</Link>
        </>
      )}
    </p>
  );
}

/** Accuracy as percentage points. */
const points = (share: number) => (100 * share).toFixed(1);

function More({ curve }: { curve: LearningCurve }) {
  const gain = curve.gainOfDoubling;
  if (curve.skipped || !gain) {
    return <p className="quiet">Whether more images would help was not measured: {curve.skipped?.message}.</p>;
  }
  return (
    <>
      <p>
        Twice as many TRAIN images are expected to raise the accuracy of a linear head by {points(gain.value)} percentage points
        {gain.low != null && gain.high != null && ` (95 %: ${points(gain.low)} to ${points(gain.high)})`}.
        {curve.sufficientImages != null && ` From about ${number(curve.sufficientImages)} images on, it is less than 0.5.`}
      </p>
      {curve.law && <GrowthPlot curve={curve} />}
    </>
  );
}

/** The measured accuracies, and the law through them up to four times the images. */
function GrowthPlot({ curve }: { curve: LearningCurve }) {
  const data = useMemo(() => growthData(curve), [curve]);
  return (
    <Plot
      label={`Accuracy on DEV by number of TRAIN images: ${curve.points
        .map(({ images, accuracy }) => `${points(accuracy.value)} % with ${number(images)}`)
        .join(", ")}; the dashed line goes on to four times as many`}
      data={data}
      scatter={{ x: "TRAIN images", y: "accuracy on DEV", log: true }}
    />
  );
}
