import { Content } from "@patternfly/react-core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, dataset } from "../api/client";
import { modelVersionsQuery } from "../api/models";
import { deletionPreviewQuery } from "../api/projects";
import { runsQuery } from "../api/runs";
import type { Project } from "../api/types";
import { discardAll } from "../images/interrupted";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/TextField";
import { bytes, count, number } from "../ui/format";
import { notify } from "../ui/notices";

/** Says what goes with the project, and asks for its name. */
export function DeleteProject({ project, onClose }: { project: Project; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () =>
      ask(
        dataset.DELETE("/api/v1/projects/{project}", {
          params: { path: { project: project.name }, query: { confirm: typed } },
        }),
      ),
    onSuccess: async () => {
      await discardAll(project.name);
      await queries.invalidateQueries({ queryKey: ["projects"], exact: true });
      notify(`Project ${project.name} is deleted.`);
      onClose();
    },
  });
  // Not asked again while the project goes: there would be nothing.
  const enabled = remove.isIdle || remove.isError;
  const preview = useQuery({ ...deletionPreviewQuery(project.name), enabled }).data;
  const runs = useQuery({ ...runsQuery(project.name), enabled }).data?.length;
  const models = useQuery({ ...modelVersionsQuery(project.name), enabled }).data?.length;
  const taken = [
    preview?.images && `${count(preview.images, "image")} (${bytes(preview.imageBytes)}, ${number(preview.labelled)} labelled)`,
    preview?.deletedImages && `${count(preview.deletedImages, "deleted image")} that could be restored`,
    preview?.datasetVersions && count(preview.datasetVersions, "dataset version"),
    preview?.unfinishedImports && count(preview.unfinishedImports, "unfinished import"),
    runs && count(runs, "run"),
    models && count(models, "model version"),
  ].filter(Boolean);
  return (
    <Dialog
      title={`Delete ${project.name}?`}
      danger
      submit="Delete"
      incomplete={typed !== project.name}
      busy={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate()}
      onClose={onClose}
    >
      <Content component="p">
        {taken.length > 0 ? `With it go ${taken.join(", ")}. ` : ""}Runs that go on are cancelled, and predictions of its models
        end. This can't be undone.
      </Content>
      <TextField label={`Type ${project.name} to confirm`} value={typed} onChange={setTyped} required autoFocus />
    </Dialog>
  );
}
