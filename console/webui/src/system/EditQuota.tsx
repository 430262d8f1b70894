import { FormGroup, FormSelect, FormSelectOption } from "@patternfly/react-core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, training } from "../api/client";
import { projectsQuery } from "../api/projects";
import { type Quota, quotasQuery } from "../api/runs";
import { Dialog } from "../ui/Dialog";
import { notify } from "../ui/notices";
import { TextField } from "../ui/TextField";

interface Props {
  /** Name of the project; empty where it is to be chosen. */
  project: string;
  quotas: Quota[];
  onClose: () => void;
}

/** Sets what a project may have at the same time. */
export function EditQuota({ project, quotas, onClose }: Props) {
  const now = quotas.find((quota) => quota.project === project);
  const [chosen, setChosen] = useState(project);
  const [runs, setRuns] = useState(text(now?.maxRuns));
  const [gpus, setGpus] = useState(text(now?.maxGpus));
  const [weight, setWeight] = useState(text(now?.weight) || "1");
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      ask(
        training.PUT("/api/v1/quotas/{project}", {
          params: { path: { project: chosen } },
          body: { maxRuns: limit(runs), maxGpus: limit(gpus), weight: Number(weight) },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries(quotasQuery);
      notify(`The quota of ${chosen} is set.`);
      onClose();
    },
  });
  const wrong = [wrongLimit(runs), wrongLimit(gpus), wrongWeight(weight)];
  return (
    <Dialog
      title={project ? `Quota of ${project}` : "Set a quota"}
      description="It applies to the next start of a run. What runs already goes on."
      submit="Save"
      incomplete={!chosen || wrong.some(Boolean)}
      busy={save.isPending}
      error={save.error}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      {!project && <ProjectChoice quotas={quotas} chosen={chosen} onChoose={setChosen} />}
      <TextField
        label="Runs at a time"
        value={runs}
        onChange={setRuns}
        wrong={wrong[0]}
        help="Empty means no limit; 0 lets no run start."
      />
      <TextField
        label="GPUs"
        value={gpus}
        onChange={setGpus}
        wrong={wrong[1]}
        help="Of all its runs together. Empty means no limit."
      />
      <TextField
        label="Weight"
        value={weight}
        onChange={setWeight}
        wrong={wrong[2]}
        required
        help="Where several projects wait, one of weight 2 gets twice as much as one of weight 1."
      />
    </Dialog>
  );
}

/** Projects that have a dataset version, and no quota yet: others can't have runs. */
function ProjectChoice({ quotas, chosen, onChoose }: { quotas: Quota[]; chosen: string; onChoose: (project: string) => void }) {
  const projects = useQuery(projectsQuery).data?.items ?? [];
  const offered = projects.filter(({ name, lastVersion }) => lastVersion && !quotas.some((quota) => quota.project === name));
  return (
    <FormGroup label="Project" fieldId="quota-project" isRequired>
      <FormSelect id="quota-project" value={chosen} onChange={(_, project) => onChoose(project)}>
        <FormSelectOption value="" isPlaceholder label={offered.length ? "Choose a project" : "No other project has a dataset version"} />
        {offered.map(({ name }) => (
          <FormSelectOption key={name} value={name} label={name} />
        ))}
      </FormSelect>
    </FormGroup>
  );
}

const text = (value?: number | null) => (value === undefined || value === null ? "" : String(value));

const limit = (typed: string) => (typed.trim() ? Number(typed) : undefined);

const wrongLimit = (typed: string) =>
  /^\d{0,9}$/.test(typed.trim()) ? undefined : "Type a whole number from 0, or nothing for no limit.";

const wrongWeight = (typed: string) => (/^\d+(\.\d+)?$/.test(typed.trim()) && Number(typed) > 0 ? undefined : "Type a number above 0.");
