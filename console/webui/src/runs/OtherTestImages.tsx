import { Alert } from "@patternfly/react-core";
import { Link } from "react-router";
import type { Run, RunComparison } from "../api/types";
import { shortId } from "./compare";

/** Says that runs are not comparable, and what to do. */
export function OtherTestImages({ runs, known }: { runs: RunComparison["runs"]; known: Run[] }) {
  const versions = [...new Set(runs.map((run) => run.datasetVersion))].sort((a, b) => a - b);
  const [oldest, newest] = [versions[0], versions.at(-1)!];
  const behind = runs.find((run) => run.datasetVersion === oldest)!;
  const model = known.find((run) => run.id === behind.id)?.modelVersion;
  return (
    <Alert
      isInline
      variant="warning"
      title="The runs were measured on different TEST images"
      actionLinks={
        oldest !== newest && (
          <div className="links">
            {model && (
              <Link to={`../runs/${behind.id}?evaluate&on=${newest}`}>
                Evaluate model version {model} on version {newest}
              </Link>
            )}
            <Link to={`../runs/new?from=${behind.id}&version=${newest}`}>
              Run {shortId(behind)} again on version {newest}
            </Link>
            <Link to={`../versions/compare?from=${oldest}&to=${newest}`}>What changed from version {oldest} to {newest}</Link>
          </div>
        )
      }
    >
      Their TEST images, or the labels of these, differ: {runs.map((run) => `run ${shortId(run)} has dataset version ${run.datasetVersion}`).join(", ")}.
      So they are not compared image by image, and differences of their metrics may come from the images alone. Evaluate or
      train them on one dataset version to compare them.
    </Alert>
  );
}
