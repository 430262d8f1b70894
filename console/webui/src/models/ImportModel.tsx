import { FormGroup, FormSelect, FormSelectOption } from "@patternfly/react-core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { ask, training } from "../api/client";
import { sendNetwork } from "../api/networkFile";
import { versionsQuery } from "../api/projects";
import { Dialog } from "../ui/Dialog";
import { NetworkFile, Normalization, useNetwork } from "../ui/NetworkFields";
import { TextField } from "../ui/TextField";

interface Props {
  project: string;
  onClose: () => void;
}

/** Makes a model version of a classifier that was trained elsewhere: sends its file, and starts the run that evaluates it. */
export function ImportModel({ project, onClose }: Props) {
  const network = useNetwork();
  const versions = useQuery(versionsQuery(project));
  const [chosen, setChosen] = useState<string>();
  const [typed, setTyped] = useState<string>();
  const [fit, setFit] = useState("stretch");
  const [centerCrop, setCenterCrop] = useState("1");
  const [channelOrder, setChannelOrder] = useState("RGB");
  const navigate = useNavigate();
  const queries = useQueryClient();
  const version = versions.data?.find(({ number }) => chosen === undefined || String(number) === chosen);
  const labels = typed ?? version?.classes.join("\n") ?? "";
  const named = labels.split("\n").map((label) => label.trim()).filter(Boolean);
  const send = useMutation({
    mutationFn: async () => {
      const { name, scale, mean, std } = network;
      const query = new URLSearchParams({ project, name, scale, mean, std, fit, centerCrop, channelOrder });
      named.forEach((label) => query.append("label", label));
      const model = (await sendNetwork("/api/v1/imported-models", query, network.file!)) as { id: string };
      const params = { path: { model: model.id } };
      try {
        return await ask(
          training.POST("/api/v1/imported-models/{model}/runs", {
            params,
            body: { datasetVersion: version!.number, priority: 0 },
          }),
        );
      } catch (refused) {
        await training.DELETE("/api/v1/imported-models/{model}", { params }); // so that its name is free for the next try
        throw refused;
      }
    },
    onSuccess: async (run) => {
      await queries.invalidateQueries({ queryKey: ["runs"] });
      void navigate(`../runs/${run.id}`);
    },
  });
  return (
    <Dialog
      title="Import a model"
      description="A classifier that was trained elsewhere, as an ONNX file. It is checked, evaluated on the TEST images of a dataset version, and becomes a model version."
      submit="Import"
      incomplete={network.incomplete || !version || named.length < 2}
      busy={send.isPending}
      error={send.error ?? versions.error}
      onSubmit={() => send.mutate()}
      onClose={onClose}
    >
      <NetworkFile network={network} />
      <FormGroup label="Evaluate on" fieldId="dataset-version" isRequired>
        <FormSelect id="dataset-version" value={version?.number} onChange={(_, number) => setChosen(number)}>
          {versions.data?.length === 0 && <FormSelectOption value="" label="No dataset version yet: freeze one first" />}
          {versions.data?.map(({ number }) => (
            <FormSelectOption key={number} value={number} label={`Dataset version ${number}`} />
          ))}
        </FormSelect>
      </FormGroup>
      <TextField
        label="Labels"
        value={labels}
        onChange={setTyped}
        lines={5}
        help="One in each line, in the order of the network's outputs, with the spelling of the project."
        required
      />
      <FormGroup label="Another aspect ratio than the network's" fieldId="fit">
        <FormSelect id="fit" value={fit} onChange={(_, chosen) => setFit(chosen)}>
          <FormSelectOption value="stretch" label="Stretch the image" />
          <FormSelectOption value="pad" label="Keep it, and fill the rest with grey" />
          <FormSelectOption value="crop" label="Keep it, and look at the middle" />
        </FormSelect>
      </FormGroup>
      <TextField
        label="Share of the image, in the middle"
        value={centerCrop}
        onChange={setCenterCrop}
        help="0.1 to 1. With the middle of the image, 0.875 is torchvision's resize to 256 and crop to 224."
      />
      <FormGroup label="Order of the channels" fieldId="channel-order">
        <FormSelect id="channel-order" value={channelOrder} onChange={(_, chosen) => setChannelOrder(chosen)}>
          <FormSelectOption value="RGB" label="Red first" />
          <FormSelectOption value="BGR" label="Blue first, as OpenCV reads images" />
        </FormSelect>
      </FormGroup>
      <Normalization network={network} />
    </Dialog>
  );
}
