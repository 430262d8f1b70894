import { Alert, Content } from "@patternfly/react-core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import { ask, training } from "../api/client";
import { modelVersionsQuery } from "../api/models";
import type { Run } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { notify } from "../ui/notices";

interface Props {
  run: Run;
  /** Leaves what shows the run. */
  onDeleted: () => void | Promise<void>;
  onClose: () => void;
}

/** Deletes a run that has ended. The service refuses one that a model version came of. */
export function DeleteRun({ run, onDeleted, onClose }: Props) {
  const queries = useQueryClient();
  const versions = useQuery(modelVersionsQuery(run.project)).data;
  const version = versions?.find(({ runId }) => runId === run.id);
  const remove = useMutation({
    mutationFn: () => ask(training.DELETE("/api/v1/runs/{run}", { params: { path: { run: run.id } } })),
    onSuccess: async () => {
      notify(`Run ${run.id.slice(-6)} is deleted.`);
      await onDeleted();
      queries.removeQueries({ queryKey: ["runs", run.id] });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["runs"], predicate: ({ queryKey }) => queryKey[1] !== run.id }),
  });
  return (
    <Dialog
      title={`Delete run ${run.id.slice(-6)}?`}
      danger
      submit="Delete"
      incomplete={version !== undefined}
      busy={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate()}
      onClose={onClose}
    >
      {version ? (
        <Alert
          isInline
          variant="info"
          title={`Model version ${version.number} came of this run`}
          component="p"
          actionLinks={<Link to={`../models?delete=${version.number}`}>Delete version {version.number} first</Link>}
        >
          The run stays while the version exists: its package belongs to the run.
        </Alert>
      ) : (
        <Content component="p">
          Its log, metrics, curves, checkpoints and answers for the TEST images go with it. The dataset version stays. This
          can&apos;t be undone.
        </Content>
      )}
    </Dialog>
  );
}
