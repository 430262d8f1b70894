import { Card, CardBody, CardTitle } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { isActive, runsQuery } from "../api/resources";
import type { Run } from "../api/types";
import { MetricTable } from "./MetricTable";
import { controlOf, isControl, mayHaveControl } from "./control";

/** The metrics of a run, with those of its control beside them. */
export function ResultCard({ run }: { run: Run }) {
  const runs = useQuery(runsQuery(run.project)).data ?? [];
  const ended = run.state === "SUCCEEDED";
  const control = ended && mayHaveControl(run) ? controlOf(run, runs) : undefined;
  return (
    <Card>
      <CardTitle component="h2">{ended ? "Result on the TEST images" : "Newest values"}</CardTitle>
      <CardBody>
        <MetricTable metrics={run.metrics ?? run.progress?.metrics} control={control?.metrics} active={isActive(run)} />
        {isControl(run) && <p className="quiet">This run is a control: its network has random weights.</p>}
        {ended && mayHaveControl(run) && (
          <p className="quiet">
            {control ? (
              <>
                <Link to={`../runs/${control.id}`}>The control</Link> is the same run on a network with random weights. A value
                that it reaches too proves nothing.
              </>
            ) : (
              <>
                How much of this is chance? <Link to={`../runs/new?from=${run.id}&control`}>Run a control</Link>: the same on a
                network with random weights.
              </>
            )}
          </p>
        )}
      </CardBody>
    </Card>
  );
}
