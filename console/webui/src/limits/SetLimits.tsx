import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, dataset } from "../api/client";
import { limitsQuery } from "../api/resources";
import type { ProjectLimits } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { notify } from "../ui/notices";
import { TextField } from "../ui/TextField";
import { optional, shown, wrongNumber, wrongRate } from "./numbers";

const GIGABYTE = 1_000_000_000;

interface Props {
  project: string;
  /** Those that count now. */
  limits: ProjectLimits;
  onClose: () => void;
}

/** Sets all limits of a project. */
export function SetLimits({ project, limits, onClose }: Props) {
  const [images, setImages] = useState(shown(limits.maxImages));
  const [gigabytes, setGigabytes] = useState(shown(limits.maxBytes && limits.maxBytes / GIGABYTE));
  const [rate, setRate] = useState(shown(limits.requestsPerSecond));
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () => {
      const size = optional(gigabytes);
      return ask(
        dataset.PUT("/api/v1/projects/{project}/limits", {
          params: { path: { project } },
          body: {
            maxImages: optional(images),
            maxBytes: size === undefined ? undefined : Math.round(size * GIGABYTE),
            requestsPerSecond: optional(rate),
          },
        }),
      );
    },
    onSuccess: async () => {
      await queries.invalidateQueries(limitsQuery(project));
      notify(`The limits of ${project} are changed.`);
      onClose();
    },
  });
  const wrong = {
    images: wrongNumber(images, /^\d+$/),
    gigabytes: wrongNumber(gigabytes, /^\d+(\.\d+)?$/),
    rate: wrongRate(rate),
  };
  return (
    <Dialog
      title={`Limits of ${project}`}
      description="What you save is set for this project, also when a default changes. An empty field: the default of the configuration counts. Images over a new limit stay, and no more are taken."
      submit="Save"
      incomplete={Object.values(wrong).some(Boolean)}
      busy={save.isPending}
      error={save.error}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <TextField label="Images" value={images} onChange={setImages} wrong={wrong.images} autoFocus />
      <TextField
        label="Gigabytes of the images"
        value={gigabytes}
        onChange={setGigabytes}
        wrong={wrong.gigabytes}
        help="As they were uploaded; 1 GB is 1,000,000,000 bytes."
      />
      <TextField
        label="Requests in a second"
        value={rate}
        onChange={setRate}
        wrong={wrong.rate}
        help="To each replica of a service. All services know it within seconds."
      />
    </Dialog>
  );
}
