import { Content } from "@patternfly/react-core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, idempotencyKey, inference } from "../api/client";
import type { AliasMove } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { notify } from "../ui/notices";

export function RollBack({ project, move, onClose }: { project: string; move: AliasMove; onClose: () => void }) {
  const [key] = useState(idempotencyKey);
  const queries = useQueryClient();
  const rollBack = useMutation({
    mutationFn: () =>
      ask(
        inference.POST("/api/v1/models/{project}/aliases/{alias}/rollback", {
          params: { path: { project, alias: move.alias }, header: { "Idempotency-Key": key } },
          body: { expectedGeneration: move.generation },
        }),
      ) as Promise<AliasMove>,
    onSuccess: (now) => {
      notify(`${now.alias} points at version ${now.version} again.`);
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["models", project] }),
  });
  return (
    <Dialog
      title={`Roll back ${move.alias}?`}
      submit="Roll back"
      busy={rollBack.isPending}
      error={rollBack.error}
      onSubmit={() => rollBack.mutate()}
      onClose={onClose}
    >
      <Content component="p">
        It undoes the last promotion: {move.alias} leaves version {move.version} and points at the version that it named before.
        Requests that have begun end on the version that they began with.
      </Content>
    </Dialog>
  );
}
