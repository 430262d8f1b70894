import { Alert, GridItem } from "@patternfly/react-core";
import { Link } from "react-router";
import type { Evaluation, Run } from "../api/types";
import { metricWords } from "../runs/metrics";
import { metric } from "../ui/format";
import { intervalText, reachedByControl } from "./report";

/** Says so where a network with random weights does about as well. */
export function ControlWarning({ run, evaluation }: { run: Run; evaluation: Evaluation }) {
  const reached = reachedByControl(evaluation);
  if (!reached) {
    return null;
  }
  return (
    <GridItem span={12}>
      <Alert
        isInline
        variant="warning"
        title="A network with random weights does about as well"
        actionLinks={
          <div className="links">
            <Link to={`../runs/new?from=${run.id}`}>Try another backbone</Link>
            <Link to={`../runs/compare?ids=${run.id},${evaluation.control!.run}`}>Compare with the control</Link>
          </div>
        }
      >
        {metricWords(reached.name).name}: {metric(reached.own.value)}, interval {intervalText(reached.own)}; the control reaches{" "}
        {metric(reached.reached)}. The backbone of this run adds nothing that can be measured on these images. Try another one, a
        network that is trained from scratch, or more images.
      </Alert>
    </GridItem>
  );
}
