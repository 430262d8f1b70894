import { Content } from "@patternfly/react-core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, dataset } from "../api/client";
import { tokensQuery } from "../api/access";
import type { ApiToken } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { notify } from "../ui/notices";

/** Ends a token. */
export function RevokeToken({ token, onClose }: { token: ApiToken; onClose: () => void }) {
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => ask(dataset.DELETE("/api/v1/tokens/{token}", { params: { path: { token: token.id } } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: tokensQuery().queryKey.slice(0, 1) });
      notify(`The token ${token.name} is revoked.`);
      onClose();
    },
  });
  return (
    <Dialog
      title={`Revoke ${token.name}?`}
      danger
      submit="Revoke"
      busy={revoke.isPending}
      error={revoke.error}
      onSubmit={() => revoke.mutate()}
      onClose={onClose}
    >
      <Content component="p">
        What uses it is refused: by this service now, by the others within seconds. It can't be undone. Sessions that were
        opened with the token end, too.
      </Content>
    </Dialog>
  );
}
