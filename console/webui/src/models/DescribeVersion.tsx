import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, inference } from "../api/client";
import type { ModelVersion } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/TextField";
import { notify } from "../ui/notices";

const TAG = /^[\p{L}\p{N}._:/-]{1,100}$/u;

/** Description, owner and tags of a version. */
export function DescribeVersion({ project, version, onClose }: { project: string; version: ModelVersion; onClose: () => void }) {
  const [description, setDescription] = useState(version.description ?? "");
  const [owner, setOwner] = useState(version.owner ?? "");
  const [text, setText] = useState((version.tags ?? []).join(" "));
  const [revision] = useState(version.revision ?? 0);
  const queries = useQueryClient();
  const tags = text.split(/[\s,]+/).filter(Boolean);
  const wrongTags = tags.every((tag) => TAG.test(tag)) ? undefined : "Use letters, digits, and . _ : / -";
  const save = useMutation({
    mutationFn: () =>
      ask(
        inference.PATCH("/api/v1/models/{project}/versions/{number}", {
          params: { path: { project, number: version.number }, header: { "If-Match": `"${revision}"` } },
          body: { description, owner, tags },
        }),
      ),
    onSuccess: () => {
      notify(`Version ${version.number} is described.`);
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["models", project] }),
  });
  return (
    <Dialog
      title={`Describe version ${version.number}`}
      submit="Save"
      incomplete={Boolean(wrongTags)}
      busy={save.isPending}
      error={save.error}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <TextField label="Description" value={description} onChange={setDescription} lines={3} maxLength={4000} />
      <TextField label="Owner" value={owner} onChange={setOwner} maxLength={100} help="Who is responsible for it." />
      <TextField label="Tags" value={text} onChange={setText} wrong={wrongTags} help="Separated by spaces." />
    </Dialog>
  );
}
