import { FormGroup, FormHelperText, FormSelect, FormSelectOption, HelperText, HelperTextItem } from "@patternfly/react-core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { ask, training } from "../api/client";
import { versionsQuery } from "../api/projects";
import type { ModelVersion } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { notify } from "../ui/notices";

interface Props {
  project: string;
  version: ModelVersion;
  /** Dataset version that is proposed; the newest one if absent. */
  proposed?: number;
  onClose: () => void;
}

/** Measures a version on the TEST images of another dataset version, so that it can be compared with versions of that one. */
export function EvaluateVersion({ project, version, proposed, onClose }: Props) {
  const frozen = useQuery(versionsQuery(project));
  const numbers = (frozen.data ?? []).map((one) => one.number);
  const [chosen, setChosen] = useState(proposed);
  const on = chosen ?? Math.max(...numbers);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const evaluate = useMutation({
    mutationFn: () =>
      ask(
        training.POST("/api/v1/evaluations", {
          body: { project, modelVersion: version.number, datasetVersion: on, priority: 10 },
        }),
      ) as Promise<{ id: string }>,
    onSuccess: ({ id }) => {
      notify(`Version ${version.number} is evaluated on dataset version ${on}.`);
      void queries.invalidateQueries({ queryKey: ["runs"] });
      void navigate(`../runs/${id}`);
    },
  });
  return (
    <Dialog
      title={`Evaluate version ${version.number}`}
      submit="Evaluate"
      busy={evaluate.isPending}
      incomplete={numbers.length === 0}
      error={evaluate.error}
      onSubmit={() => evaluate.mutate()}
      onClose={onClose}
    >
      <p>
        Measures the version on the TEST images of a dataset version that it was not trained on, without a training. Two
        versions that were measured on the same images can be compared, and promoted one for the other.
      </p>
      <FormGroup label="Dataset version with the TEST images" fieldId="evaluate-on">
        <FormSelect id="evaluate-on" value={on} onChange={(_event, value) => setChosen(Number(value))}>
          {numbers.map((number) => (
            <FormSelectOption
              key={number}
              value={number}
              label={`Version ${number}${number === version.datasetVersion ? " (that of its training)" : ""}`}
            />
          ))}
        </FormSelect>
        <FormHelperText>
          <HelperText>
            <HelperTextItem>
              The model must know each label of these images. Images that it has learned from are counted and named.
            </HelperTextItem>
          </HelperText>
        </FormHelperText>
      </FormGroup>
    </Dialog>
  );
}
