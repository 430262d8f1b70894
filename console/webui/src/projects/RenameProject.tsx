import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, dataset } from "../api/client";
import type { Project } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/TextField";
import { notify } from "../ui/notices";
import { nameHelp, tenantOf, wrongName } from "./projectName";

export function RenameProject({ project, onClose }: { project: Project; onClose: () => void }) {
  const tenant = tenantOf(project.name);
  const [name, setName] = useState(project.name);
  const [itemKind, setItemKind] = useState(project.itemKind ?? "");
  const queries = useQueryClient();
  const rename = useMutation({
    mutationFn: () =>
      ask(
        dataset.PATCH("/api/v1/projects/{project}", {
          params: { path: { project: project.name } },
          body: { name, itemKind },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["projects"] });
      notify(`Project ${name} is changed.`);
      onClose();
    },
  });
  return (
    <Dialog
      title={`Rename ${project.name}`}
      description="The old name goes on leading to the project: clients that use it keep working."
      submit="Rename"
      incomplete={!name || Boolean(wrongName(name, tenant))}
      busy={rename.isPending}
      error={rename.error}
      onSubmit={() => rename.mutate()}
      onClose={onClose}
    >
      <TextField label="Name" value={name} onChange={setName} help={nameHelp(tenant)} wrong={wrongName(name, tenant)} required autoFocus />
      <TextField label="What the images show" value={itemKind} onChange={setItemKind} maxLength={200} />
    </Dialog>
  );
}
