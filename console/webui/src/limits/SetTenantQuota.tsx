import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, training } from "../api/client";
import { tenantQuotaQuery } from "../api/runs";
import { Dialog } from "../ui/Dialog";
import { notify } from "../ui/notices";
import { TextField } from "../ui/TextField";
import { optional, shown, wrongNumber } from "./numbers";

interface Props {
  tenant: string;
  onClose: () => void;
}

/** Sets what all projects of a tenant may have at the same time, once what they may have now is known. */
export function SetTenantQuota({ tenant, onClose }: Props) {
  const { data: quota, error: failed } = useQuery(tenantQuotaQuery(tenant));
  const [typed, setTyped] = useState<{ runs?: string; gpus?: string }>({});
  const runs = typed.runs ?? shown(quota?.maxRuns ?? undefined);
  const gpus = typed.gpus ?? shown(quota?.maxGpus ?? undefined);
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      ask(
        training.PUT("/api/v1/quotas/tenants/{tenant}", {
          params: { path: { tenant } },
          body: { maxRuns: optional(runs), maxGpus: optional(gpus) },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries(tenantQuotaQuery(tenant));
      notify(`The quota of ${tenant} is set.`);
      onClose();
    },
  });
  const wrong = { runs: wrongNumber(runs, /^\d{1,9}$/), gpus: wrongNumber(gpus, /^\d{1,9}$/) };
  return (
    <Dialog
      title={`Quota of ${tenant}`}
      description="For all projects of the tenant together, beside the quota of each. It applies to the next start of a run."
      submit="Save"
      incomplete={!quota || Object.values(wrong).some(Boolean)}
      busy={save.isPending}
      error={save.error ?? failed}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <TextField
        label="Runs at a time"
        value={runs}
        onChange={(text) => setTyped({ ...typed, runs: text })}
        wrong={wrong.runs}
        help="Empty means no limit; 0 lets no run start."
        autoFocus
      />
      <TextField
        label="GPUs"
        value={gpus}
        onChange={(text) => setTyped({ ...typed, gpus: text })}
        wrong={wrong.gpus}
        help="Of all runs together. Empty means no limit."
      />
    </Dialog>
  );
}
