import { Alert, Breadcrumb, BreadcrumbItem, Button, Card, CardBody, CardTitle } from "@patternfly/react-core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "react-router";
import { ask, training } from "../api/client";
import { messageOf } from "../api/problem";
import { isSearching, searchQuery } from "../api/runs";
import type { Search } from "../api/types";
import { useProject } from "../projects/ProjectScope";
import { Failure } from "../ui/Failure";
import { Screen } from "../ui/Screen";
import { metric } from "../ui/format";
import { LoadingRows } from "../ui/loading";
import { notify } from "../ui/notices";
import { SearchLabel } from "./SearchLabel";
import { ParameterPlots } from "./ParameterPlots";
import { TrialTable } from "./TrialTable";

/** A search: its best parameters, its trials, and the metric over each parameter. */
export function SearchPage() {
  const id = useParams().search!;
  const project = useProject();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const search = useQuery(searchQuery(id));
  const settled = () => queries.invalidateQueries({ queryKey: ["searches"] });
  const path = { params: { path: { search: id } } };
  const cancel = useMutation({
    mutationFn: () => ask(training.POST("/api/v1/searches/{search}/cancel", path)),
    onSuccess: () => notify("The search is cancelled."),
    onError: (error) => notify(messageOf(error), "danger"),
    onSettled: settled,
  });
  const remove = useMutation({
    mutationFn: () => ask(training.DELETE("/api/v1/searches/{search}", path)),
    onSuccess: () => {
      notify("The search and its trials are deleted.");
      navigate("../searches", { replace: true });
    },
    onError: (error) => notify(messageOf(error), "danger"),
  });
  const now = search.data;
  return (
    <Screen
      title={now ? `Search for ${now.recipe.name} ${id.slice(-6)}` : "Search"}
      of={project.name}
      badge={now && <SearchLabel state={now.state} />}
      above={
        <Breadcrumb>
          <BreadcrumbItem render={({ className }) => <Link className={className} to="../searches">Searches</Link>} />
          <BreadcrumbItem isActive>{id.slice(-6)}</BreadcrumbItem>
        </Breadcrumb>
      }
      actions={
        now &&
        (isSearching(now) ? (
          <Button variant="danger" onClick={() => cancel.mutate()} isDisabled={cancel.isPending}>
            Cancel search
          </Button>
        ) : (
          <Button variant="secondary" isDanger onClick={() => remove.mutate()} isDisabled={remove.isPending}>
            Delete search and trials
          </Button>
        ))
      }
    >
      {search.isError && <Failure title="The search could not be loaded" error={search.error} retry={() => search.refetch()} />}
      {search.isPending && <LoadingRows text="Loading the search" />}
      {now && (
        <div className="stack">
          {now.reason && <Alert isInline variant={now.state === "FAILED" ? "danger" : "info"} title={now.reason} />}
          {now.warnings.map((warning) => (
            <Alert key={warning} isInline variant="warning" title={warning} />
          ))}
          <Best search={now} />
          <TrialTable search={now} />
          <ParameterPlots search={now} />
        </div>
      )}
    </Screen>
  );
}

function Best({ search }: { search: Search }) {
  const { counts, best, finalRun, objective } = search;
  return (
    <Card>
      <CardTitle component="h2">Best so far</CardTitle>
      <CardBody>
        <p>
          {counts.succeeded + counts.failed} of {counts.total} trials have ended, {counts.failed} of them failed.
        </p>
        {best && (
          <p>
            Trial {best.number}: {objective} on DEV {metric(best.metric)}, with{" "}
            {Object.entries(best.parameters)
              .map(([name, value]) => `${name} ${String(value)}`)
              .join(", ")}
          </p>
        )}
        {finalRun && (
          <p>
            <Link to={`../runs/${finalRun}`}>The run with the best parameters</Link> is evaluated on the TEST images.
          </p>
        )}
      </CardBody>
    </Card>
  );
}
