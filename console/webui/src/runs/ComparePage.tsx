import { Alert, Breadcrumb, BreadcrumbItem, Checkbox } from "@patternfly/react-core";
import { useQueries, useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { comparisonQuery, evaluationQuery, runQuery, runsQuery } from "../api/runs";
import type { Run } from "../api/types";
import { useProject } from "../projects/ProjectScope";
import { Failure } from "../ui/Failure";
import { Screen } from "../ui/Screen";
import { LoadingRows } from "../ui/loading";
import { withParameters } from "../ui/search";
import { ComparisonTable } from "./ComparisonTable";
import { OtherTestImages } from "./OtherTestImages";
import { PairOfRuns } from "./PairOfRuns";
import { RunPair } from "./RunPair";
import { partnerOf } from "./compare";
import { isEvaluated } from "./metrics";

/**
 * Runs side by side: ?ids=RUN,RUN, and with &different only what differs. Two runs with the same TEST images are compared
 * image by image, too; without a second run, it is the newest one before the first.
 */
export function ComparePage() {
  const project = useProject();
  const [search] = useSearchParams();
  const asked = (search.get("ids") ?? "").split(",").filter(Boolean);
  const runs = useQuery(runsQuery(project.name));
  const failed = runs.isError && asked.length === 1;
  const partner = asked.length === 1 ? partnerOf(asked[0], runs.data ?? []) : undefined;
  const ids = partner ? [...asked, partner.id] : asked;
  return (
    <Screen
      title="Compare runs"
      of={project.name}
      above={
        <Breadcrumb>
          <BreadcrumbItem render={({ className }) => <Link className={className} to="../runs">Runs</Link>} />
          <BreadcrumbItem isActive>Compare</BreadcrumbItem>
        </Breadcrumb>
      }
    >
      {asked.length === 0 && <Alert isInline variant="info" title="Select two or more runs in the table of runs to compare them." />}
      {asked.length === 1 && !partner && runs.isSuccess && (
        <Alert isInline variant="info" title="There is no other run that was measured on TEST images." />
      )}
      {failed && <Failure title="The runs could not be loaded" error={runs.error} retry={() => runs.refetch()} />}
      {asked.length === 1 && runs.isPending && <LoadingRows text="Loading runs" />}
      {ids.length > 1 && <Comparison ids={ids} runs={runs.data ?? []} />}
    </Screen>
  );
}

function Comparison({ ids, runs }: { ids: string[]; runs: Run[] }) {
  const [search, setSearch] = useSearchParams();
  const different = search.has("different");
  const comparison = useQuery(comparisonQuery(ids));
  const found = useQueries({ queries: ids.length === 2 ? ids.map(runQuery) : [] }).map((query) => query.data);
  const [run, other] = found.map((one) => (one && isEvaluated(one) ? one : undefined));
  const pair = [run, other].filter((one) => one !== undefined);
  const evaluations = useQueries({ queries: pair.map((one) => evaluationQuery(one.id)) });
  return (
    <div className="stack-large">
      {ids.length === 2 && <RunPair ids={ids} runs={runs} />}
      {comparison.isError && (
        <Failure title="The runs could not be compared" error={comparison.error} retry={() => comparison.refetch()} />
      )}
      {comparison.isLoading && <LoadingRows text="Comparing" />}
      {comparison.data && (
        <>
          {!comparison.data.sameTestImages && <OtherTestImages runs={comparison.data.runs} known={runs} />}
          {run && other && comparison.data.sameTestImages && <PairOfRuns key={ids.join()} run={run} other={other} />}
          <div className="stack">
            <Checkbox
              id="different"
              label="Only what differs"
              isChecked={different}
              onChange={(_, on) => setSearch(withParameters({ different: on ? "" : undefined }), { replace: true })}
            />
            <ComparisonTable
              comparison={comparison.data}
              different={different}
              evaluations={new Map(pair.flatMap(({ id }, index) => (evaluations[index].data ? [[id, evaluations[index].data]] : [])))}
            />
          </div>
        </>
      )}
    </div>
  );
}
