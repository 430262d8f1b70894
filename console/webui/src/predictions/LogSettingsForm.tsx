import { Checkbox, FormGroup, FormSelect, FormSelectOption } from "@patternfly/react-core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, inference } from "../api/client";
import type { PredictionLogMode, PredictionLogSettings, PredictionLogState } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/TextField";
import { notify } from "../ui/notices";

interface Props {
  project: string;
  state: PredictionLogState;
  onClose: () => void;
}

/** Which predictions of a project are logged. */
export function LogSettingsForm({ project, state, onClose }: Props) {
  const { settings } = state;
  const [mode, setMode] = useState<PredictionLogMode>(settings.mode ?? "OFF");
  const [share, setShare] = useState(String(100 * (settings.share ?? 0.1)));
  const [days, setDays] = useState(String(settings.retentionDays ?? 30));
  const [keepImages, setKeepImages] = useState(settings.keepImages ?? false);
  const queries = useQueryClient();
  const wrongShare =
    mode === "SAMPLED" && !(Number(share) > 0 && Number(share) < 100) ? "Write a number above 0 and below 100" : undefined;
  const wrongDays = /^\d{1,4}$/.test(days) && Number(days) >= 1 && Number(days) <= 3650 ? undefined : "Write 1 to 3650";
  const save = useMutation({
    mutationFn: () => {
      const body: PredictionLogSettings = {
        mode,
        share: mode === "SAMPLED" ? Number(share) / 100 : undefined,
        retentionDays: Number(days),
        keepImages,
      };
      return ask(
        inference.PUT("/api/v1/models/{project}/prediction-log", {
          params: { path: { project }, header: { "If-Match": `"${state.revision}"` } },
          body,
        }),
      );
    },
    onSuccess: () => {
      notify("The settings are saved.");
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["models", project] }),
  });
  return (
    <Dialog
      title="Logged predictions"
      submit="Save"
      incomplete={Boolean(wrongShare ?? wrongDays)}
      busy={save.isPending}
      error={save.error}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <FormGroup label="Predictions that are logged" fieldId="mode">
        <FormSelect id="mode" value={mode} onChange={(_, value) => setMode(value as PredictionLogMode)}>
          <FormSelectOption value="OFF" label="None" />
          <FormSelectOption value="SAMPLED" label="A random share" />
          <FormSelectOption value="FULL" label="All" />
        </FormSelect>
      </FormGroup>
      {mode === "SAMPLED" && <TextField label="Share in percent" value={share} onChange={setShare} wrong={wrongShare} />}
      <TextField
        label="Days until they are deleted"
        value={days}
        onChange={setDays}
        wrong={wrongDays}
        help="Predictions that are older are deleted with their images."
      />
      <Checkbox
        id="keep-images"
        label="Keep the images, too"
        description="Without them, the log has only their digest, size, brightness and sharpness."
        isChecked={keepImages}
        onChange={(_, checked) => setKeepImages(checked)}
      />
    </Dialog>
  );
}
