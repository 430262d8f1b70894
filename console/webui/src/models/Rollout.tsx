import { Content, FormGroup, FormSelect, FormSelectOption, Label } from "@patternfly/react-core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, inference } from "../api/client";
import { ApiError } from "../api/problem";
import { rolloutQuery } from "../api/models";
import type { AliasMove, CanaryChange, ModelVersion, Rollout as RolloutState } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { Failure } from "../ui/Failure";
import { TextField } from "../ui/TextField";
import { notify } from "../ui/notices";
import { parseSteps, parseWeight } from "./weight";

const states: Record<RolloutState["state"], { words: string; status: "info" | "success" | "danger" | "warning" }> = {
  RUNNING: { words: "Running", status: "info" },
  SUCCEEDED: { words: "All steps passed", status: "success" },
  ROLLED_BACK: { words: "Rolled back", status: "danger" },
  STOPPED: { words: "Stopped", status: "warning" },
};

/** The last rollout of an alias, while its candidate is there or after it was rolled back. */
export function Rollout({ project, alias, last }: { project: string; alias: string; last: CanaryChange }) {
  const rollout = useQuery({ ...rolloutQuery(project, alias), enabled: last.rollout });
  if (rollout.isError) {
    return <Failure title="The rollout could not be loaded" error={rollout.error} retry={() => rollout.refetch()} />;
  }
  if (!rollout.data || rollout.data.candidate !== last.candidate || !(last.active || last.kind === "ROLLED_BACK")) {
    return null;
  }
  const { candidate, plan, step, state, message } = rollout.data;
  return (
    <Content component="p">
      <Label isCompact status={states[state].status}>
        {states[state].words}
      </Label>{" "}
      Rollout of version {candidate}: step {step + 1} of {plan.steps.length} ({plan.steps[step]} %).{" "}
      <span className="quiet">{message}</span>
    </Content>
  );
}

interface Props {
  project: string;
  move: AliasMove;
  /** The last change of the candidate; null if the alias has never had one. */
  last: CanaryChange | null;
  versions: ModelVersion[];
  onClose: () => void;
}

/** Raises the weight of a candidate step by step. */
export function StartRollout({ project, move, last, versions: all, onClose }: Props) {
  const running = last?.active ? last : undefined;
  const versions = all.filter((version) => version.number !== move.version && version.state === "READY");
  const [candidate, setCandidate] = useState(running?.candidate ?? versions[0]?.number);
  const [steps, setSteps] = useState("5, 25, 50, 100");
  const [minutes, setMinutes] = useState("10");
  const [requests, setRequests] = useState("100");
  const [errors, setErrors] = useState("1");
  const [p99, setP99] = useState("");
  const [disagreement, setDisagreement] = useState("");
  const [reason, setReason] = useState("");
  const [force, setForce] = useState(false);
  const queries = useQueryClient();
  const weights = parseSteps(steps);
  const errorRate = parseWeight(errors);
  const disagreementRate = disagreement.trim() ? parseWeight(disagreement) : null;
  const limit = p99.trim() ? positive(p99) : null;
  const bake = positive(minutes);
  const least = positive(requests);
  const start = useMutation({
    mutationFn: () =>
      ask(
        inference.PUT("/api/v1/models/{project}/aliases/{alias}/canary/rollout", {
          params: { path: { project, alias: move.alias }, header: { "If-Match": `"${last?.revision ?? 0}"` } },
          body: {
            candidate,
            plan: {
              steps: weights,
              bakeSeconds: Math.max(1, Math.round(60 * bake!)),
              minRequests: Math.ceil(least!),
              maxErrorRate: errorRate! / 100,
              maxP99Millis: limit ?? undefined,
              maxDisagreementRate: disagreementRate === null ? undefined : disagreementRate! / 100,
            },
            force,
            reason: reason.trim() || undefined,
          },
        }),
      ),
    onSuccess: () => {
      notify(`Version ${candidate} begins with ${weights![0]} % of the requests to ${move.alias}.`);
      onClose();
    },
    onError: (error) => setForce(error instanceof ApiError && error.code === "GATE_FAILED"),
    onSettled: () => queries.invalidateQueries({ queryKey: ["models", project] }),
  });
  const complete =
    candidate !== undefined &&
    weights &&
    bake !== undefined &&
    least !== undefined &&
    errorRate !== undefined &&
    limit !== undefined &&
    disagreementRate !== undefined &&
    !(force && !reason.trim());
  return (
    <Dialog
      title={`Raise a candidate of ${move.alias} step by step`}
      submit={force ? "Start although checks fail" : "Start"}
      danger={force}
      incomplete={!complete}
      busy={start.isPending}
      error={start.error}
      onSubmit={() => start.mutate()}
      onClose={onClose}
    >
      <Content component="p">
        Each step lasts a time. If all limits hold then, the next one begins; if one does not, version {move.version} answers all
        requests again. After the last step, you promote the candidate.
      </Content>
      {!running && (
        <FormGroup label="Version" fieldId="rollout-version">
          <FormSelect id="rollout-version" value={String(candidate)} onChange={(_, chosen) => setCandidate(Number(chosen))}>
            {versions.map((version) => (
              <FormSelectOption key={version.number} value={String(version.number)} label={`Version ${version.number}`} />
            ))}
          </FormSelect>
        </FormGroup>
      )}
      <TextField
        label="Weights in percent"
        value={steps}
        onChange={setSteps}
        required
        wrong={weights ? undefined : "Use increasing numbers above 0 up to 100, with commas between them"}
      />
      <TextField
        label="Minutes of each step"
        value={minutes}
        onChange={setMinutes}
        required
        wrong={bake === undefined ? "Use a number above 0" : undefined}
      />
      <TextField
        label="Fewest requests to the candidate in each step"
        value={requests}
        onChange={setRequests}
        required
        wrong={least === undefined ? "Use a number above 0" : undefined}
      />
      <TextField
        label="Largest share of failed predictions, in percent"
        value={errors}
        onChange={setErrors}
        required
        wrong={errorRate === undefined ? "Use a number from 0 to 100" : undefined}
        help="All of its 95 % interval must lie below: 1 % needs 368 requests without a failure."
      />
      <TextField
        label="Largest 99th percentile of the times, in milliseconds"
        value={p99}
        onChange={setP99}
        wrong={limit === undefined ? "Use a number above 0, or nothing" : undefined}
      />
      <TextField
        label="Largest share of disagreements, in percent"
        value={disagreement}
        onChange={setDisagreement}
        wrong={disagreementRate === undefined ? "Use a number from 0 to 100, or nothing" : undefined}
        help="With it, the candidate is a shadow on the other requests."
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

function positive(text: string): number | undefined {
  const value = Number(text.replace(",", "."));
  return value > 0 && Number.isFinite(value) ? value : undefined;
}
