import { Button, Checkbox, Content, FormGroup, FormSelect, FormSelectOption } from "@patternfly/react-core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, inference } from "../api/client";
import { ApiError } from "../api/problem";
import { canaryQuery } from "../api/models";
import type { AliasMove, CanaryChange, ModelVersion } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { Failure } from "../ui/Failure";
import { TextField } from "../ui/TextField";
import { notify } from "../ui/notices";
import { Disagreements } from "./Disagreements";
import { Rollout } from "./Rollout";
import { parseWeight } from "./weight";

interface Props {
  project: string;
  move: AliasMove;
  versions: ModelVersion[];
  onPromote: (version: number) => void;
  onShare: () => void;
  onRollout: () => void;
  onAbort: () => void;
}

/** The candidate of an alias, with what can be done about it. */
export function Canary({ project, move, versions, onPromote, onShare, onRollout, onAbort }: Props) {
  const canary = useQuery(canaryQuery(project, move.alias));
  if (canary.isError) {
    return <Failure title="The candidate could not be loaded" error={canary.error} retry={() => canary.refetch()} />;
  }
  if (canary.data === undefined) {
    return null;
  }
  const running = canary.data?.active ? canary.data : undefined;
  const stepwise = (
    <Button variant="secondary" size="sm" onClick={onRollout} aria-label={`Raise step by step for ${move.alias}`}>
      Raise step by step
    </Button>
  );
  if (!running) {
    return others(move, versions).length === 0 ? null : (
      <>
        <Content component="p">
          <Button variant="secondary" size="sm" onClick={onShare} aria-label={`Try a candidate for ${move.alias}`}>
            Try a candidate
          </Button>{" "}
          {stepwise}
        </Content>
        {canary.data && <Rollout project={project} alias={move.alias} last={canary.data} />}
      </>
    );
  }
  return (
    <>
      <Content component="p">
        Candidate: version {running.candidate} answers {running.weight} % of the requests, version {move.version} the others.{" "}
        <Button variant="secondary" size="sm" onClick={onShare} aria-label={`Change weight of ${move.alias}`}>
          Change weight
        </Button>{" "}
        {stepwise}{" "}
        <Button
          variant="secondary"
          size="sm"
          onClick={() => onPromote(running.candidate)}
          aria-label={`Promote candidate of ${move.alias}`}
        >
          Promote
        </Button>{" "}
        <Button variant="link" size="sm" onClick={onAbort} aria-label={`Abort candidate of ${move.alias}`}>
          Abort
        </Button>
      </Content>
      <Rollout project={project} alias={move.alias} last={running} />
      {running.shadow && <Disagreements project={project} alias={move.alias} />}
    </>
  );
}

const others = (move: AliasMove, versions: ModelVersion[]) =>
  versions.filter((version) => version.number !== move.version && version.state === "READY");

interface DialogProps {
  project: string;
  move: AliasMove;
  /** The last change; null if the alias has never had a candidate. */
  last: CanaryChange | null;
  onClose: () => void;
}

/** Starts a candidate, or changes its weight. */
export function ShareRequests({ project, move, last, versions: all, onClose }: DialogProps & { versions: ModelVersion[] }) {
  const running = last?.active ? last : undefined;
  const revision = last?.revision ?? 0;
  const versions = others(move, all);
  const [candidate, setCandidate] = useState(running?.candidate ?? versions[0]?.number);
  const [weight, setWeight] = useState(String(running?.weight ?? 5));
  const [reason, setReason] = useState("");
  const [shadow, setShadow] = useState(running?.shadow ?? false);
  const [force, setForce] = useState(false);
  const queries = useQueryClient();
  const percent = parseWeight(weight);
  const set = useMutation({
    mutationFn: () =>
      ask(
        inference.PUT("/api/v1/models/{project}/aliases/{alias}/canary", {
          params: { path: { project, alias: move.alias }, header: { "If-Match": `"${revision}"` } },
          body: { candidate, weight: percent!, shadow, force, reason: reason.trim() || undefined },
        }),
      ) as Promise<CanaryChange>,
    onSuccess: (change) => {
      notify(`Version ${change.candidate} answers ${change.weight} % of the requests to ${change.alias}.`);
      onClose();
    },
    onError: (error) => setForce(error instanceof ApiError && error.code === "GATE_FAILED"),
    onSettled: () => queries.invalidateQueries({ queryKey: ["models", project] }),
  });
  return (
    <Dialog
      title={running ? `Weight of version ${running.candidate}` : `Candidate of ${move.alias}`}
      submit={force ? "Start although checks fail" : running ? "Change weight" : "Start"}
      danger={force}
      incomplete={percent === undefined || candidate === undefined || (force && !reason.trim())}
      busy={set.isPending}
      error={set.error}
      onSubmit={() => set.mutate()}
      onClose={onClose}
    >
      {!running && (
        <FormGroup label="Version" fieldId="canary-version">
          <FormSelect id="canary-version" value={String(candidate)} onChange={(_, chosen) => setCandidate(Number(chosen))}>
            {versions.map((version) => (
              <FormSelectOption key={version.number} value={String(version.number)} label={`Version ${version.number}`} />
            ))}
          </FormSelect>
        </FormGroup>
      )}
      <TextField
        label="Weight in percent"
        value={weight}
        onChange={setWeight}
        required
        wrong={percent === undefined ? "Use a number from 0 to 100" : undefined}
        help="Share of the requests that the candidate answers. Requests with the same key stay with the same version."
      />
      <Checkbox
        id="canary-shadow"
        label="Shadow: compare it on the other requests, too"
        description="It predicts their images when there is time. Its predictions are counted, and not returned."
        isChecked={shadow}
        onChange={(_, checked) => setShadow(checked)}
      />
      <TextField
        label="Reason"
        value={reason}
        onChange={setReason}
        required={force}
        lines={2}
        maxLength={1000}
        help="It stays in the history."
      />
    </Dialog>
  );
}

export function AbortCanary({ project, move, last: running, onClose }: DialogProps & { last: CanaryChange }) {
  const [reason, setReason] = useState("");
  const queries = useQueryClient();
  const abort = useMutation({
    mutationFn: () =>
      ask(
        inference.POST("/api/v1/models/{project}/aliases/{alias}/canary/abort", {
          params: { path: { project, alias: move.alias }, header: { "If-Match": `"${running.revision}"` } },
          body: { reason: reason.trim() || undefined },
        }),
      ),
    onSuccess: () => {
      notify(`Version ${move.version} answers all requests to ${move.alias}.`);
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["models", project] }),
  });
  return (
    <Dialog
      title={`Abort version ${running.candidate} as the candidate of ${move.alias}?`}
      submit="Abort candidate"
      busy={abort.isPending}
      error={abort.error}
      onSubmit={() => abort.mutate()}
      onClose={onClose}
    >
      <Content component="p">Version {move.version} answers all requests to {move.alias} from then on.</Content>
      <TextField label="Reason" value={reason} onChange={setReason} lines={2} maxLength={1000} help="It stays in the history." />
    </Dialog>
  );
}
