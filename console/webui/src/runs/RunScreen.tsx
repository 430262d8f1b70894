import { Breadcrumb, BreadcrumbItem, Button, Nav, NavItem, NavList } from "@patternfly/react-core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { ask, training } from "../api/client";
import { messageOf } from "../api/problem";
import { isActive, runQuery } from "../api/runs";
import type { Run } from "../api/types";
import { RoleButton } from "../login/RoleButton";
import { EvaluateVersion } from "../models/EvaluateVersion";
import { useProject } from "../projects/ProjectScope";
import { Failure } from "../ui/Failure";
import { Screen } from "../ui/Screen";
import { LoadingRows } from "../ui/loading";
import { notify } from "../ui/notices";
import { withParameters } from "../ui/search";
import { DeleteRun } from "./DeleteRun";
import { StateLabel } from "./StateLabel";
import { isEvaluated } from "./metrics";
import { useLiveRun } from "./useLiveRun";

const VIEWS = [
  ["", "Overview"],
  ["/evaluation", "Evaluation"],
  ["/images", "TEST images"],
] as const;

type View = (typeof VIEWS)[number][1];

/** One of the views of a run: its heading, what can be done with it, and the way to its other views. */
export function RunScreen({ view, children }: { view: View; children: (run: Run) => ReactNode }) {
  const id = useParams().run!;
  const project = useProject();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const run = useLiveRun(id);
  const [search, setSearch] = useSearchParams();
  const setDeleting = (on: boolean) => setSearch(withParameters({ delete: on ? "" : undefined }), { replace: !on });
  const cancel = useMutation({
    mutationFn: () => ask(training.POST("/api/v1/runs/{run}/cancel", { params: { path: { run: id } } })),
    onSuccess: () => notify("The run is cancelled."),
    onError: (error) => notify(messageOf(error), "danger"),
    onSettled: () => queries.invalidateQueries(runQuery(id)),
  });
  const way = (
    <Breadcrumb>
      <BreadcrumbItem render={({ className }) => <Link className={className} to="../runs">Runs</Link>} />
      <BreadcrumbItem isActive>{id.slice(-6)}</BreadcrumbItem>
    </Breadcrumb>
  );
  if (!run.data) {
    return (
      <Screen title="Run" of={project.name} above={way}>
        {run.isError ? (
          <Failure title="The run could not be loaded" error={run.error} retry={() => run.refetch()} />
        ) : (
          <LoadingRows text="Loading the run" />
        )}
      </Screen>
    );
  }
  const now = run.data;
  return (
    <Screen
      title={`${now.recipe.name} ${id.slice(-6)}`}
      of={project.name}
      above={way}
      badge={<StateLabel state={now.state} />}
      actions={
        <>
          {isEvaluated(now) && (
            <Button variant="secondary" onClick={() => navigate(`../runs/compare?ids=${id}`)}>
              Compare
            </Button>
          )}
          {now.modelVersion && (
            <RoleButton
              needs="ENGINEER"
              projectId={project.id}
              variant="secondary"
              onClick={() => setSearch(withParameters({ evaluate: "" }))}
            >
              Evaluate
            </RoleButton>
          )}
          {now.kind === "TRAINING" && (
            <Button variant="secondary" onClick={() => navigate(`../runs/new?from=${id}`)}>
              Run again with changes
            </Button>
          )}
          {isActive(now) ? (
            <Button variant="danger" onClick={() => cancel.mutate()} isDisabled={cancel.isPending}>
              Cancel run
            </Button>
          ) : (
            <Button variant="secondary" isDanger onClick={() => setDeleting(true)}>
              Delete
            </Button>
          )}
        </>
      }
      below={isEvaluated(now) && <Views run={id} view={view} />}
    >
      {children(now)}
      {search.has("evaluate") && now.modelVersion && (
        <EvaluateVersion
          version={{ number: now.modelVersion, datasetVersion: now.datasetVersion }}
          on={Number(search.get("on")) || undefined}
          onClose={() => setSearch(withParameters({ evaluate: undefined, on: undefined }), { replace: true })}
        />
      )}
      {search.has("delete") && !isActive(now) && (
        <DeleteRun
          run={now}
          // At once: this page would ask for the run again.
          onDeleted={() => navigate("../runs", { replace: true, flushSync: true })}
          onClose={() => setDeleting(false)}
        />
      )}
    </Screen>
  );
}

function Views({ run, view }: { run: string; view: View }) {
  return (
    <Nav aria-label="Views of the run" variant="horizontal-subnav">
      <NavList>
        {VIEWS.map(([path, text]) => (
          <NavItem key={text} isActive={text === view} itemId={text}>
            <Link to={`../runs/${run}${path}`} aria-current={text === view ? "page" : undefined}>
              {text}
            </Link>
          </NavItem>
        ))}
      </NavList>
    </Nav>
  );
}
