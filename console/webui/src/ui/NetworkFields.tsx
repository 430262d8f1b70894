import { FileUpload, FormGroup, FormHelperText, HelperText, HelperTextItem } from "@patternfly/react-core";
import { useState } from "react";
import { TextField } from "./TextField";

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** An ONNX file, its name, and how images are prepared for it. */
export function useNetwork() {
  const [file, setFile] = useState<File>();
  const [name, setName] = useState("");
  const [scale, setScale] = useState("255");
  const [mean, setMean] = useState("0.485,0.456,0.406");
  const [std, setStd] = useState("0.229,0.224,0.225");
  const wrong = name === "" || NAME.test(name) ? undefined : "Use small letters, digits, and . _ -, at most 63.";
  const choose = (chosen?: File) => {
    setFile(chosen);
    if (chosen && !name) {
      setName(chosen.name.replace(/\.onnx$/i, "").toLowerCase().replaceAll(/[^a-z0-9._-]+/g, "-"));
    }
  };
  const incomplete = !file || !name || Boolean(wrong);
  return { file, name, scale, mean, std, wrong, incomplete, choose, setName, setScale, setMean, setStd };
}

type Network = ReturnType<typeof useNetwork>;

export function NetworkFile({ network }: { network: Network }) {
  return (
    <>
      <FormGroup label="File" fieldId="network-file" isRequired>
        <FileUpload
          id="network-file"
          filename={network.file?.name}
          filenamePlaceholder="Drop a file here, or choose one"
          browseButtonText="Choose"
          hideDefaultPreview
          onFileInputChange={(_, chosen) => network.choose(chosen)}
          onClearClick={() => network.choose(undefined)}
        />
      </FormGroup>
      <TextField label="Name" value={network.name} onChange={network.setName} wrong={network.wrong} required />
    </>
  );
}

export function Normalization({ network }: { network: Network }) {
  return (
    <>
      <TextField label="Scale" value={network.scale} onChange={network.setScale} />
      <TextField label="Mean of each channel" value={network.mean} onChange={network.setMean} />
      <TextField label="Standard deviation of each channel" value={network.std} onChange={network.setStd} />
      <FormHelperText>
        <HelperText>
          <HelperTextItem>A pixel x of 0 to 255 is given to it as (x / scale - mean) / standard deviation.</HelperTextItem>
        </HelperText>
      </FormHelperText>
    </>
  );
}
