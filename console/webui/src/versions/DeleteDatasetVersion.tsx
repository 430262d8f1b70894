import { Alert, Content } from "@patternfly/react-core";
import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import { ask, training } from "../api/client";
import { versionsQuery } from "../api/projects";
import { isActive, runsQuery } from "../api/runs";
import { Dialog } from "../ui/Dialog";
import { count } from "../ui/format";
import { notify } from "../ui/notices";

const NAMED_RUNS = 5;
const LOOKS = 20;
const PAUSE_MILLIS = 500;

interface Props {
  project: string;
  number: number;
  /** Leaves what shows the version. */
  onDeleted: () => void | Promise<void>;
  onClose: () => void;
}

/** Deletes a dataset version. The service refuses one that a run uses. */
export function DeleteDatasetVersion({ project, number, onDeleted, onClose }: Props) {
  const queries = useQueryClient();
  const runs = (useQuery(runsQuery(project)).data ?? []).filter((run) => run.datasetVersion === number);
  const remove = useMutation({
    mutationFn: async () => {
      await ask(training.DELETE("/api/v1/dataset-versions/{project}/{number}", { params: { path: { project, number } } }));
      return isGone(queries, project, number);
    },
    onSuccess: async (gone) => {
      notify(gone ? `Version ${number} is deleted.` : `Version ${number} is being deleted.`);
      await onDeleted();
      queries.removeQueries({ queryKey: ["projects", project, "versions", number] });
    },
  });
  return (
    <Dialog
      title={`Delete version ${number}?`}
      danger
      submit="Delete"
      incomplete={runs.length > 0}
      busy={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate()}
      onClose={onClose}
    >
      {runs.length > 0 ? (
        <Alert
          isInline
          variant="info"
          component="p"
          title={`${count(runs.length, "run")} ${runs.length === 1 ? "uses" : "use"} this version`}
          actionLinks={runs.slice(0, NAMED_RUNS).map((run) => (
            <Link key={run.id} to={`../runs/${run.id}${isActive(run) ? "" : "?delete"}`}>
              {isActive(run) ? "Open" : "Delete"} run {run.id.slice(-6)}
            </Link>
          ))}
        >
          A version stays while a run uses it. Delete {runs.length === 1 ? "the run" : "the runs"} first.
        </Alert>
      ) : (
        <Content component="p">
          Images that only this version kept are deleted too; those of the project stay. No other version gets its number.
          This can&apos;t be undone.
        </Content>
      )}
    </Dialog>
  );
}

/** dataset-service deletes the version some moments after training-service has released it. */
async function isGone(queries: QueryClient, project: string, number: number): Promise<boolean> {
  for (let look = 0; look < LOOKS; look++) {
    const versions = await queries.fetchQuery({ ...versionsQuery(project), staleTime: 0 });
    if (!versions.some((version) => version.number === number)) {
      return true;
    }
    await new Promise((resume) => setTimeout(resume, PAUSE_MILLIS));
  }
  return false;
}
