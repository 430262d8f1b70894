import { Alert, Checkbox } from "@patternfly/react-core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, idempotencyKey, inference } from "../api/client";
import { ApiError } from "../api/problem";
import { policyQuery, promotionChecksQuery } from "../api/models";
import type { AliasMove, ApprovalRequest, ModelVersion } from "../api/types";
import { WarningsOfRun } from "../runs/ModelWarnings";
import { Dialog } from "../ui/Dialog";
import { Failure } from "../ui/Failure";
import { TextField } from "../ui/TextField";
import { LoadingRows } from "../ui/loading";
import { notify } from "../ui/notices";
import { Checks } from "./Checks";

interface Props {
  project: string;
  version: ModelVersion;
  /** Alias that is proposed. */
  alias: string;
  aliases: AliasMove[];
  onClose: () => void;
}

/** Points an alias at a version, or requests that, with the checks and their evidence in view. */
export function Promote({ project, version, alias: proposed, aliases, onClose }: Props) {
  const [alias, setAlias] = useState(proposed);
  const [reason, setReason] = useState("");
  const [force, setForce] = useState(false);
  const [key] = useState(idempotencyKey);
  const queries = useQueryClient();
  const current = aliases.find((move) => move.alias === alias);
  const wrongAlias = /^[a-z][a-z0-9-]{0,62}$/.test(alias) ? undefined : "Use small letters, digits and -, a letter first";
  const policy = useQuery(policyQuery(project));
  const checks = useQuery({
    ...promotionChecksQuery(project, alias, version.number, current?.generation ?? 0),
    enabled: !wrongAlias,
    // An evaluation that has just ended arrives some moments later.
    refetchInterval: ({ state }) => (state.data?.gate === "NOT_COMPARABLE" ? 3000 : false),
  });
  const approval = policy.data?.policy.approval ?? false;
  const body = {
    version: version.number,
    expectedGeneration: current?.generation ?? 0,
    force,
    reason: reason.trim(),
  };
  const promote = useMutation({
    mutationFn: () =>
      ask(
        inference.PUT("/api/v1/models/{project}/aliases/{alias}", { params: { path: { project, alias } }, body }),
      ) as Promise<AliasMove>,
    onSuccess: (move) => {
      notify(`${move.alias} points at version ${move.version}.`);
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["models", project] }),
  });
  const request = useMutation({
    mutationFn: () =>
      ask(
        inference.POST("/api/v1/models/{project}/promotions", {
          params: { path: { project }, header: { "Idempotency-Key": key } },
          body: { alias, ...body },
        }),
      ) as Promise<ApprovalRequest>,
    onSuccess: (made) => {
      notify(
        made.state === "PENDING"
          ? `Version ${made.version} waits for approval by another person.`
          : `${made.alias} points at version ${made.version}.`,
      );
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["models", project] }),
  });
  const sent = approval ? request : promote;
  const refused = sent.error instanceof ApiError && sent.error.code.startsWith("GATE_");
  const unsure = checks.data !== undefined && !["PASSED", "NO_INCUMBENT"].includes(checks.data.gate);
  return (
    <Dialog
      title={`Promote version ${version.number}`}
      submit={approval ? "Request approval" : "Promote"}
      wide
      incomplete={!reason.trim() || Boolean(wrongAlias) || policy.isPending}
      busy={sent.isPending}
      error={sent.error}
      onSubmit={() => sent.mutate()}
      onClose={onClose}
    >
      <TextField
        label="Alias"
        value={alias}
        onChange={setAlias}
        wrong={wrongAlias}
        required
        help={current ? `It points at version ${current.version} now.` : "It does not exist yet, and is made."}
      />
      {current?.version === version.number && (
        <Alert isInline variant="info" title={`${alias} points at this version already.`} />
      )}
      <WarningsOfRun id={version.runId} />
      {checks.isError && <Failure title="The checks could not be made" error={checks.error} retry={() => checks.refetch()} />}
      {checks.isLoading && <LoadingRows text="Checking" rows={2} />}
      {checks.data && current?.version !== version.number && <Checks checks={checks.data.checks ?? []} />}
      {approval && (
        <Alert isInline variant="info" title="Another person must approve this promotion">
          The alias moves when they do, if the checks pass at that time.
        </Alert>
      )}
      <TextField label="Reason" value={reason} onChange={setReason} required lines={2} maxLength={1000} help="It stays in the history, with your name." />
      {(refused || unsure || force) && (
        <Checkbox
          id="force"
          label="Promote although the quality check did not pass"
          description="The history says that the check was overridden, and why."
          isChecked={force}
          onChange={(_, checked) => setForce(checked)}
        />
      )}
    </Dialog>
  );
}
