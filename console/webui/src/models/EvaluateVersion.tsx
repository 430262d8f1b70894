import { ExpandableSection, FormGroup, FormSelect, FormSelectOption } from "@patternfly/react-core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { ask, training } from "../api/client";
import { ApiError } from "../api/problem";
import { projectsQuery, versionsQuery } from "../api/projects";
import { useProject } from "../projects/ProjectScope";
import { wrongWhole } from "../runs/parameters";
import { Dialog } from "../ui/Dialog";
import { Failure } from "../ui/Failure";
import { TextField } from "../ui/TextField";
import { LoadingRows } from "../ui/loading";
import { notify } from "../ui/notices";
import { VersionSelect } from "../versions/VersionSelect";

interface Props {
  /** The model version, and the dataset version that it was trained on. */
  version: { number: number; datasetVersion: number };
  /** Number of the dataset version that is chosen first; absent: the newest one that the model was not trained on. */
  on?: number;
  onClose: () => void;
}

/** Asks for an evaluation of a model version on the TEST images of a dataset version. */
export function EvaluateVersion({ version, on, onClose }: Props) {
  const own = useProject();
  const [of, setOf] = useState(own.name);
  const [chosen, setChosen] = useState(on);
  const [priority, setPriority] = useState("10");
  const projects = useQuery(projectsQuery);
  const frozen = useQuery(versionsQuery(of));
  const queries = useQueryClient();
  const navigate = useNavigate();
  const learned = (number: number) => of === own.name && number === version.datasetVersion;
  const versions = frozen.data ?? [];
  const number =
    versions.find((one) => one.number === chosen)?.number ??
    (versions.find((one) => !learned(one.number)) ?? versions.at(0))?.number;
  const wrongPriority = wrongWhole(priority, -100, 100);
  const evaluate = useMutation({
    mutationFn: async () => {
      const call = training.POST("/api/v1/evaluations", {
        body: {
          project: own.name,
          modelVersion: version.number,
          datasetVersion: number!,
          datasetProject: of === own.name ? undefined : of,
          priority: Number(priority),
        },
      });
      const evaluation = await ask(call);
      return { evaluation, exists: (await call).response.status === 200 };
    },
    // A version that was frozen a moment ago may not be known to training-service yet.
    retry: (failures, error) => error instanceof ApiError && error.code === "DATASET_VERSION_NOT_FOUND" && failures < 20,
    retryDelay: 1_000,
    onSuccess: ({ evaluation, exists }) => {
      notify(
        exists ? "This evaluation was requested before; here it is." : `The evaluation of version ${version.number} is in the queue.`,
        exists ? "info" : "success",
      );
      void queries.invalidateQueries({ queryKey: ["runs"] });
      void navigate(`/projects/${encodeURIComponent(of)}/runs/${evaluation.id}`);
    },
  });
  return (
    <Dialog
      title={`Evaluate version ${version.number}`}
      submit="Evaluate"
      busy={evaluate.isPending}
      incomplete={number === undefined || Boolean(wrongPriority)}
      error={evaluate.error}
      onSubmit={() => evaluate.mutate()}
      onClose={onClose}
    >
      <p>
        Measures the model on the TEST images of a dataset version, so that it can be compared with other models on the same
        images. The model stays as it is.
      </p>
      {frozen.isError && (
        <Failure title="The dataset versions could not be loaded" error={frozen.error} retry={() => frozen.refetch()} />
      )}
      {frozen.isPending && <LoadingRows text="Loading the dataset versions" rows={1} />}
      {frozen.data?.length === 0 && <p>This project has no dataset version.</p>}
      {versions.length > 0 && (
        <VersionSelect
          versions={versions}
          value={number}
          onChange={setChosen}
          remark={(one) => (learned(one.number) ? "the model was trained on it" : undefined)}
        />
      )}
      <ExpandableSection toggleText="Another project, and priority">
        <div className="stack">
          <FormGroup label="Project of the dataset version" fieldId="evaluate-project">
            <FormSelect
              id="evaluate-project"
              value={of}
              onChange={(_event, project) => {
                setOf(project);
                setChosen(undefined);
              }}
            >
              {!projects.data && <FormSelectOption value={own.name} label={own.name} />}
              {projects.data?.items
                .filter((project) => project.task === own.task)
                .map((project) => <FormSelectOption key={project.id} value={project.name} label={project.name} />)}
            </FormSelect>
          </FormGroup>
          <TextField
            label="Priority"
            value={priority}
            onChange={setPriority}
            wrong={wrongPriority}
            help="From -100 to 100; runs with a higher one start earlier. Trainings have 0."
          />
        </div>
      </ExpandableSection>
    </Dialog>
  );
}
