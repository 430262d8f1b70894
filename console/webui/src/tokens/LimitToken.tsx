import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, dataset } from "../api/client";
import { tokenLimitsQuery } from "../api/access";
import type { ApiToken, TokenLimits } from "../api/types";
import { optional, shown, wrongRate } from "../limits/numbers";
import { Dialog } from "../ui/Dialog";
import { notify } from "../ui/notices";
import { TextField } from "../ui/TextField";

interface Props {
  token: ApiToken;
  /** Whether the person may change the limit. */
  changeable: boolean;
  onClose: () => void;
}

/** Shows and sets how many requests a token may make. */
export function LimitToken({ token, changeable, onClose }: Props) {
  const limits = useQuery(tokenLimitsQuery(token.id));
  return limits.isPending ? null : (
    <LimitForm token={token} limits={limits.data} error={limits.error} changeable={changeable} onClose={onClose} />
  );
}

function LimitForm({ token, limits, error, changeable, onClose }: Props & { limits?: TokenLimits; error: Error | null }) {
  const [rate, setRate] = useState(shown(limits?.requestsPerSecond));
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      ask(
        dataset.PUT("/api/v1/tokens/{token}/limits", {
          params: { path: { token: token.id } },
          body: { requestsPerSecond: optional(rate) },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries(tokenLimitsQuery(token.id));
      notify(`The limit of ${token.name} is changed.`);
      onClose();
    },
  });
  const wrong = wrongRate(rate);
  return (
    <Dialog
      title={`Limit of ${token.name}`}
      description={
        changeable
          ? "All services know it within seconds. Empty: the default of the configuration counts."
          : "Needs the role Admin in all projects to be changed."
      }
      submit="Save"
      incomplete={Boolean(wrong) || !changeable || !limits}
      busy={save.isPending}
      error={save.error ?? error}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <TextField
        label="Requests in a second"
        value={rate}
        onChange={setRate}
        wrong={wrong}
        help="To each replica of a service."
        autoFocus
      />
    </Dialog>
  );
}
