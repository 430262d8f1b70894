import { FormGroup, FormHelperText, FormSelect, FormSelectOption, HelperText, HelperTextItem } from "@patternfly/react-core";
import { useId } from "react";
import type { DatasetVersion } from "../api/types";
import { count } from "../ui/format";
import { SPLITS, splitTotal } from "./counts";

interface Props {
  versions: DatasetVersion[];
  value?: number;
  onChange: (number: number) => void;
  /** Said behind the version, for example that a model was trained on it. */
  remark?: (version: DatasetVersion) => string | undefined;
  help?: string;
}

/** A choice of one frozen dataset version. */
export function VersionSelect({ versions, value, onChange, remark, help }: Props) {
  const id = useId();
  return (
    <FormGroup label="Dataset version" fieldId={id} isRequired>
      <FormSelect
        id={id}
        value={value}
        onChange={(_, chosen) => onChange(Number(chosen))}
        aria-describedby={help ? `${id}-help` : undefined}
      >
        {versions.map((version) => (
          <FormSelectOption key={version.number} value={version.number} label={textOf(version, remark?.(version))} />
        ))}
      </FormSelect>
      {help && (
        <FormHelperText>
          <HelperText id={`${id}-help`}>
            <HelperTextItem>{help}</HelperTextItem>
          </HelperText>
        </FormHelperText>
      )}
    </FormGroup>
  );
}

function textOf(version: DatasetVersion, remark?: string) {
  const total = SPLITS.reduce((sum, split) => sum + splitTotal(version, split), 0);
  return `Version ${version.number}, ${count(total, "image")}${remark ? ` (${remark})` : ""}${version.note ? `: ${version.note}` : ""}`;
}
