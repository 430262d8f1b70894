import { Content } from "@patternfly/react-core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, inference } from "../api/client";
import type { ThresholdRequest, ThresholdVersion } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/TextField";
import { metric } from "../ui/format";
import { notify } from "../ui/notices";

interface Props {
  project: string;
  version: number;
  current: ThresholdVersion;
  value: number;
  request: ThresholdRequest;
  /** Gets the value as it was saved: rounded to the precision of scores. */
  onSaved: (value: number) => void;
  onClose: () => void;
}

/** Makes a threshold the current one, as a new threshold version. */
export function SaveThreshold({ project, version, current, value, request, onSaved, onClose }: Props) {
  const [reason, setReason] = useState("");
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      ask(
        inference.POST("/api/v1/models/{project}/versions/{number}/thresholds", {
          params: { path: { project, number: version } },
          body: { ...request, expectedThreshold: current.number, reason: reason.trim() },
        }),
      ) as Promise<ThresholdVersion>,
    onSuccess: (saved) => {
      notify(`Version ${version} decides with threshold version ${saved.number}.`);
      onSaved(saved.value);
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["models", project] }),
  });
  return (
    <Dialog
      title="Save as a new threshold version"
      submit="Save"
      incomplete={!reason.trim()}
      busy={save.isPending}
      error={save.error}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <Content component="p">
        Version {version} calls images abnormal from {metric(value)} on, instead of {metric(current.value)}. All replicas decide
        so within seconds.
      </Content>
      <TextField label="Reason" value={reason} onChange={setReason} required lines={2} maxLength={1000} help="It stays with the threshold version, with your name." />
    </Dialog>
  );
}
