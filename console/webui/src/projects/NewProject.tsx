import { FormGroup, Radio } from "@patternfly/react-core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { ask, dataset, idempotencyKey } from "../api/client";
import { callerQuery } from "../api/access";
import type { Project, Task } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/TextField";
import { notify } from "../ui/notices";
import { nameHelp, wrongName } from "./projectName";
import { TASKS, taskName } from "./task";

export function NewProject({ onClose }: { onClose: () => void }) {
  const tenant = useQuery(callerQuery).data?.tenant ?? "default";
  const [name, setName] = useState("");
  const [task, setTask] = useState<Task>("ANOMALY_DETECTION");
  const [itemKind, setItemKind] = useState("");
  const [key] = useState(idempotencyKey);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: () =>
      ask(
        dataset.POST("/api/v1/projects", {
          params: { header: { "Idempotency-Key": `${key}-${name}-${task}-${itemKind}`.slice(0, 200) } },
          body: { name, task, itemKind: itemKind.trim() || undefined },
        }),
      ) as Promise<Project>,
    onSuccess: async (project) => {
      await queries.invalidateQueries({ queryKey: ["projects"] });
      notify(`Project ${project.name} is created. Upload its images next.`);
      await navigate(`/projects/${encodeURIComponent(project.name)}/images`);
    },
  });
  return (
    <Dialog
      title="New project"
      submit="Create"
      wide
      incomplete={!name || Boolean(wrongName(name, tenant))}
      busy={create.isPending}
      error={create.error}
      onSubmit={() => create.mutate()}
      onClose={onClose}
    >
      <TextField label="Name" value={name} onChange={setName} help={nameHelp(tenant)} wrong={wrongName(name, tenant)} required autoFocus />
      <FormGroup role="radiogroup" label="Task" fieldId="task" isRequired isStack>
        {TASKS.map((choice) => (
          <Radio
            key={choice.task}
            id={choice.task}
            name="task"
            label={`${taskName(choice.task)}: ${choice.question}`}
            description={choice.when}
            isChecked={task === choice.task}
            onChange={() => setTask(choice.task)}
          />
        ))}
      </FormGroup>
      <TextField
        label="What the images show"
        value={itemKind}
        onChange={setItemKind}
        maxLength={200}
        help="For people, for example: one solar cell, from above. Two products, or two sides of one, are two projects, or products of one project."
      />
    </Dialog>
  );
}
