import { Content } from "@patternfly/react-core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, inference } from "../api/client";
import type { ModelVersion } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { notify } from "../ui/notices";

/** Deletes a version that no alias needs; the service refuses others. */
export function DeleteVersion({ project, version, onClose }: { project: string; version: ModelVersion; onClose: () => void }) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () =>
      ask(
        inference.DELETE("/api/v1/models/{project}/versions/{number}", {
          params: { path: { project, number: version.number } },
        }),
      ),
    onSuccess: () => {
      notify(`Version ${version.number} is deleted.`);
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["models", project] }),
  });
  return (
    <Dialog
      title={`Delete version ${version.number}?`}
      danger
      submit="Delete"
      busy={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate()}
      onClose={onClose}
    >
      <Content component="p">
        Its package is deleted too, and clients that name the version get an error. The run that made it stays, with its
        metrics. This can&apos;t be undone.
      </Content>
    </Dialog>
  );
}
