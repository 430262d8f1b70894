import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Dialog } from "../ui/Dialog";
import { notify } from "../ui/notices";
import { TextField } from "../ui/TextField";
import { optional, shown, wrongNumber, wrongRate } from "./numbers";

const GIGABYTE = 1_000_000_000;

/** Absent: there is none, or the default of the configuration counts. */
interface Limits {
  maxImages?: number;
  maxBytes?: number;
  requestsPerSecond?: number;
}

interface Props {
  /** Name of the project or the tenant. */
  of: string;
  /** What the limits are for, and what an empty field means. */
  description: string;
  /** Those that count now. */
  limits: Limits;
  save: (limits: Limits) => Promise<unknown>;
  /** The query that shows the limits. */
  shownBy: { queryKey: QueryKey };
  onClose: () => void;
}

/** Sets all limits of a project or a tenant. */
export function SetLimits({ of, description, limits, save, shownBy, onClose }: Props) {
  const [images, setImages] = useState(shown(limits.maxImages));
  const [gigabytes, setGigabytes] = useState(shown(limits.maxBytes && limits.maxBytes / GIGABYTE));
  const [rate, setRate] = useState(shown(limits.requestsPerSecond));
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: () => {
      const size = optional(gigabytes);
      return save({
        maxImages: optional(images),
        maxBytes: size === undefined ? undefined : Math.round(size * GIGABYTE),
        requestsPerSecond: optional(rate),
      });
    },
    onSuccess: async () => {
      await queries.invalidateQueries(shownBy);
      notify(`The limits of ${of} are changed.`);
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
      title={`Limits of ${of}`}
      description={`${description} Images over a new limit stay, and no more are taken.`}
      submit="Save"
      incomplete={Object.values(wrong).some(Boolean)}
      busy={change.isPending}
      error={change.error}
      onSubmit={() => change.mutate()}
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
