import { FileUpload, FormGroup, FormHelperText, HelperText, HelperTextItem } from "@patternfly/react-core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, unreachable } from "../api/problem";
import { backbonesQuery } from "../api/resources";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/TextField";
import { notify } from "../ui/notices";

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** Imports a network as a backbone; the service tries it before it keeps it. */
export function ImportBackbone({ onClose }: { onClose: () => void }) {
  const [file, setFile] = useState<File>();
  const [name, setName] = useState("");
  const [mean, setMean] = useState("0.485,0.456,0.406");
  const [std, setStd] = useState("0.229,0.224,0.225");
  const queries = useQueryClient();
  const wrong = name === "" || NAME.test(name) ? undefined : "Use small letters, digits, and . _ -, at most 63.";
  const send = useMutation({
    mutationFn: async () => {
      const query = new URLSearchParams({ name, mean, std });
      const answer = await fetch(`/api/v1/backbones?${query}`, {
        method: "POST",
        body: file,
        headers: { "Content-Type": "application/octet-stream" },
      }).catch(() => {
        throw unreachable();
      });
      if (!answer.ok) {
        throw ApiError.of(answer.status, await answer.text());
      }
    },
    onSuccess: async () => {
      await queries.invalidateQueries(backbonesQuery);
      notify(`Backbone ${name} is imported.`);
      onClose();
    },
  });
  const choose = (chosen: File) => {
    setFile(chosen);
    if (!name) {
      setName(chosen.name.replace(/\.onnx$/i, "").toLowerCase().replaceAll(/[^a-z0-9._-]+/g, "-"));
    }
  };
  return (
    <Dialog
      title="Import a backbone"
      description="A network, as an ONNX file, that turns images into features. It is tried before it is kept."
      submit="Import"
      incomplete={!file || !name || Boolean(wrong)}
      busy={send.isPending}
      error={send.error}
      onSubmit={() => send.mutate()}
      onClose={onClose}
    >
      <FormGroup label="File" fieldId="backbone-file" isRequired>
        <FileUpload
          id="backbone-file"
          filename={file?.name}
          filenamePlaceholder="Drop a file here, or choose one"
          browseButtonText="Choose"
          hideDefaultPreview
          onFileInputChange={(_, chosen) => choose(chosen)}
          onClearClick={() => setFile(undefined)}
        />
      </FormGroup>
      <TextField label="Name" value={name} onChange={setName} wrong={wrong} required />
      <TextField label="Mean of each channel" value={mean} onChange={setMean} />
      <TextField label="Standard deviation of each channel" value={std} onChange={setStd} />
      <FormHelperText>
        <HelperText>
          <HelperTextItem>A pixel x of 0 to 255 is given to it as (x / 255 - mean) / standard deviation.</HelperTextItem>
        </HelperText>
      </FormHelperText>
    </Dialog>
  );
}
