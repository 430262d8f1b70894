import { Content } from "@patternfly/react-core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { ask, dataset, idempotencyKey } from "../api/client";
import type { DatasetVersion, ProjectDetails } from "../api/types";
import { wrongWhole } from "../runs/parameters";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/TextField";
import { count } from "../ui/format";
import { notify } from "../ui/notices";

export function Freeze({ project, onClose }: { project: ProjectDetails; onClose: () => void }) {
  const [note, setNote] = useState("");
  const [seed, setSeed] = useState("1");
  const [key] = useState(idempotencyKey);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const wrongSeed = wrongWhole(seed, 0, Number.MAX_SAFE_INTEGER);
  const freeze = useMutation({
    mutationFn: () =>
      ask(
        dataset.POST("/api/v1/projects/{project}/versions", {
          params: { path: { project: project.name }, header: { "Idempotency-Key": `${key}-${seed}-${note.length}` } },
          body: { seed: Number(seed), note: note.trim() || undefined },
        }),
      ) as Promise<DatasetVersion>,
    onSuccess: async (version) => {
      await queries.invalidateQueries({ queryKey: ["projects", project.name] });
      notify(`Version ${version.number} is frozen.`);
      await navigate(`/projects/${encodeURIComponent(project.name)}/versions/${version.number}`);
    },
  });
  const labelled = project.images - project.unlabelled;
  return (
    <Dialog
      title="Freeze a version"
      submit="Freeze"
      incomplete={Boolean(wrongSeed)}
      busy={freeze.isPending}
      error={freeze.error}
      onSubmit={() => freeze.mutate()}
      onClose={onClose}
    >
      <Content component="p">
        {count(labelled, "labelled image")} go into the version.
        {project.unlabelled > 0 && ` ${count(project.unlabelled, "image")} without a label stay out.`} Images without a split get
        one by the seed.
      </Content>
      <TextField label="Note" value={note} onChange={setNote} help="What is new in this version, for people." maxLength={1000} autoFocus />
      <TextField label="Seed" value={seed} onChange={setSeed} wrong={wrongSeed} help="The same images and seed give the same splits." />
    </Dialog>
  );
}
