import { useMutation, useQueryClient } from "@tanstack/react-query";
import { sendNetwork } from "../api/networkFile";
import { backbonesQuery } from "../api/runs";
import { Dialog } from "../ui/Dialog";
import { NetworkFile, Normalization, useNetwork } from "../ui/NetworkFields";
import { notify } from "../ui/notices";

/** Imports a network as a backbone; the service tries it before it keeps it. */
export function ImportBackbone({ onClose }: { onClose: () => void }) {
  const network = useNetwork();
  const queries = useQueryClient();
  const send = useMutation({
    mutationFn: () => {
      const { name, scale, mean, std } = network;
      return sendNetwork("/api/v1/backbones", new URLSearchParams({ name, scale, mean, std }), network.file!);
    },
    onSuccess: async () => {
      await queries.invalidateQueries(backbonesQuery);
      notify(`Backbone ${network.name} is imported.`);
      onClose();
    },
  });
  return (
    <Dialog
      title="Import a backbone"
      description="A network, as an ONNX file, that turns images into features. It is tried before it is kept."
      submit="Import"
      incomplete={network.incomplete}
      busy={send.isPending}
      error={send.error}
      onSubmit={() => send.mutate()}
      onClose={onClose}
    >
      <NetworkFile network={network} />
      <Normalization network={network} />
    </Dialog>
  );
}
