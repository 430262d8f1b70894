import { FormGroup, FormHelperText, FormSelect, FormSelectOption, HelperText, HelperTextItem } from "@patternfly/react-core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { ask, idempotencyKey, training } from "../api/client";
import { versionsQuery } from "../api/projects";
import type { ModelVersion, Run } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { notify } from "../ui/notices";

/** Extends the memory of a version by the normal images that it has not learned from. */
export function ExtendVersion({ project, version, onClose }: { project: string; version: ModelVersion; onClose: () => void }) {
  const frozen = useQuery(versionsQuery(project));
  const newest = Math.max(version.datasetVersion, ...(frozen.data ?? []).map((one) => one.number));
  const [chosen, setChosen] = useState<number>();
  const [key] = useState(idempotencyKey);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const extend = useMutation({
    mutationFn: () =>
      ask(
        training.POST("/api/v1/runs/{run}/extensions", {
          params: { path: { run: version.runId }, header: { "Idempotency-Key": `${key}-${chosen ?? newest}` } },
          body: { datasetVersion: chosen ?? newest, priority: 10 },
        }),
      ) as Promise<Run>,
    onSuccess: (run) => {
      notify(`Version ${version.number} is being extended.`);
      void queries.invalidateQueries({ queryKey: ["runs"] });
      void navigate(`../runs/${run.id}`);
    },
  });
  return (
    <Dialog
      title={`Let version ${version.number} learn from false alarms`}
      submit="Extend"
      busy={extend.isPending}
      incomplete={!frozen.data}
      error={extend.error}
      onSubmit={() => extend.mutate()}
      onClose={onClose}
    >
      <p>
        Adds the normal TRAIN images that the version has not learned from to its memory, in seconds, as a new version. It is
        evaluated on the same TEST images.
      </p>
      <FormGroup label="Dataset version with the images" fieldId="extend-from">
        <FormSelect id="extend-from" value={chosen ?? newest} onChange={(_event, value) => setChosen(Number(value))}>
          {(frozen.data ?? []).map((one) => (
            <FormSelectOption key={one.number} value={one.number} label={`Version ${one.number}`} />
          ))}
        </FormSelect>
        <FormHelperText>
          <HelperText>
            <HelperTextItem>
              Upload false alarms as normal images, put them into TRAIN, and freeze a dataset version first.
            </HelperTextItem>
          </HelperText>
        </FormHelperText>
      </FormGroup>
    </Dialog>
  );
}
