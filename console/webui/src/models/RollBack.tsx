import { Content, FormGroup, FormSelect, FormSelectOption } from "@patternfly/react-core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, idempotencyKey, inference } from "../api/client";
import type { AliasMove } from "../api/types";
import { aliasHistoryQuery } from "../api/models";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/TextField";
import { notify } from "../ui/notices";

export function RollBack({ project, move, onClose }: { project: string; move: AliasMove; onClose: () => void }) {
  const [key] = useState(idempotencyKey);
  const [version, setVersion] = useState("");
  const [reason, setReason] = useState("");
  const history = useQuery(aliasHistoryQuery(project, move.alias));
  const earlier = [...new Set(history.data?.map((each) => each.version))].filter((each) => each !== move.version);
  const queries = useQueryClient();
  const rollBack = useMutation({
    mutationFn: () =>
      ask(
        inference.POST("/api/v1/models/{project}/aliases/{alias}/rollback", {
          params: { path: { project, alias: move.alias }, header: { "Idempotency-Key": key } },
          body: {
            expectedGeneration: move.generation,
            version: version ? Number(version) : undefined,
            reason: reason.trim() || undefined,
          },
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
        It undoes the last promotion: {move.alias} leaves version {move.version} and points at the version that it named before,
        or at the earlier one that you choose. Requests that have begun end on the version that they began with.
      </Content>
      <FormGroup label="Back to" fieldId="rollback-version">
        <FormSelect id="rollback-version" value={version} onChange={(_, chosen) => setVersion(chosen)}>
          <FormSelectOption value="" label="The version before" />
          {earlier.map((each) => (
            <FormSelectOption key={each} value={String(each)} label={`Version ${each}`} />
          ))}
        </FormSelect>
      </FormGroup>
      <TextField label="Reason" value={reason} onChange={setReason} lines={2} maxLength={1000} help="It stays in the history." />
    </Dialog>
  );
}
