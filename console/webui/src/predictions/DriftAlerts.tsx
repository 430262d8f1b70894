import { Alert, AlertActionLink } from "@patternfly/react-core";
import { useMutation, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { ask, inference } from "../api/client";
import { driftQuery, modelVersionsQuery } from "../api/models";
import type { Drift, DriftWindow } from "../api/types";
import { notify } from "../ui/notices";

const MEASURES: Record<string, string> = {
  SCORE: "score",
  MARGIN: "margin between the first two labels",
  BRIGHTNESS: "brightness",
  SHARPNESS: "sharpness",
  SIZE: "number of pixels",
};

/** Versions that are looked at: the newest ones. */
const VERSIONS = 5;

/** A warning for each of the newest versions whose predictions have drifted. */
export function DriftAlerts({ project }: { project: string }) {
  const versions = useQuery(modelVersionsQuery(project));
  const drifts = useQueries({
    queries: (versions.data ?? []).slice(0, VERSIONS).map(({ number }) => driftQuery(project, number)),
  });
  return drifts
    .flatMap(({ data }) => (data?.state === "DRIFTED" ? [data] : []))
    .map((drift) => <DriftAlert key={drift.version} project={project} drift={drift} />);
}

function DriftAlert({ project, drift }: { project: string; drift: Drift }) {
  const queries = useQueryClient();
  const reset = useMutation({
    mutationFn: () =>
      ask(
        inference.DELETE("/api/v1/models/{project}/versions/{number}/drift/reference", {
          params: { path: { project, number: drift.version } },
        }),
      ),
    onSuccess: () => notify("The next predictions become the reference."),
    onSettled: () => queries.invalidateQueries({ queryKey: ["models", project] }),
  });
  return (
    <Alert
      isInline
      variant="warning"
      title={`The predictions of version ${drift.version} have changed`}
      component="h2"
      actionLinks={
        <AlertActionLink onClick={() => reset.mutate()} isDisabled={reset.isPending}>
          This is intended: compare with the next predictions
        </AlertActionLink>
      }
    >
      <ul>
        {driftedTests(drift.windows[0]).map((test) => (
          <li key={test.measure}>
            {MEASURES[test.measure] ?? test.measure}: median {test.median.toPrecision(3)}, in the first predictions{" "}
            {test.referenceMedian.toPrecision(3)}
          </li>
        ))}
      </ul>
    </Alert>
  );
}

const driftedTests = (window: DriftWindow) => window.tests.filter((test) => test.drifted);
