import {
  FormGroup,
  FormHelperText,
  FormSelect,
  FormSelectOption,
  HelperText,
  HelperTextItem,
  TextInput,
} from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { backbonesQuery } from "../api/runs";
import type { Backbone, Parameter } from "../api/types";
import { allowed, parameterLabel, wrongParameter } from "./parameters";

interface Props {
  name: string;
  schema: Parameter;
  value: string;
  onChange: (value: string) => void;
}

/** A field for one property of a recipe's JSON Schema. */
export function ParameterField({ name, schema, value, onChange }: Props) {
  const id = useId();
  const wrong = wrongParameter(schema, value);
  const help = `${id}-help`;
  const choices = useChoices(schema);
  const standard = schema.default === undefined ? "" : String(schema.default);
  return (
    <FormGroup label={parameterLabel(name)} fieldId={id}>
      {choices ? (
        <FormSelect id={id} value={value || standard} onChange={(_, chosen) => onChange(chosen)} aria-describedby={help}>
          {[...new Set([...choices, ...(value ? [value] : [])])].map((choice) => (
            <FormSelectOption key={choice} value={choice} label={choice === standard ? `${choice} (default)` : choice} />
          ))}
        </FormSelect>
      ) : (
        <TextInput
          id={id}
          value={value}
          placeholder={standard}
          inputMode={schema.type === "integer" ? "numeric" : schema.type === "number" ? "decimal" : undefined}
          validated={wrong ? "error" : "default"}
          aria-describedby={help}
          onChange={(_, text) => onChange(text.trim())}
        />
      )}
      <FormHelperText>
        <HelperText id={help} isLiveRegion={Boolean(wrong)}>
          <HelperTextItem variant={wrong ? "error" : "default"}>{wrong ?? explained(schema)}</HelperTextItem>
        </HelperText>
      </FormHelperText>
    </FormGroup>
  );
}

function explained(schema: Parameter) {
  const text = schema.description ?? "";
  const range = choicesOf(schema) || isBackbone(schema) ? "" : allowed(schema);
  return [text.charAt(0).toUpperCase() + text.slice(1), range && `(${range})`].filter(Boolean).join(" ");
}

/**
 * The values to choose from; nothing where any text or number may be typed. Until the backbones are known, there is the default
 * alone: a text field that turns into a list would lose what was typed.
 */
function useChoices(schema: Parameter): string[] | undefined {
  const ofBackbones = isBackbone(schema);
  const backbones = useQuery({ ...backbonesQuery, enabled: ofBackbones });
  if (ofBackbones && backbones.isPending) {
    return [String(schema.default ?? "")];
  }
  if (ofBackbones) {
    return backbones.data && backboneNames(backbones.data, schema.format === "backbone-with-maps");
  }
  return choicesOf(schema);
}

const isBackbone = ({ format }: Parameter) => format === "backbone" || format === "backbone-with-maps";

const choicesOf = (schema: Parameter) => (schema.type === "boolean" ? ["true", "false"] : schema.enum);

function backboneNames(backbones: Backbone[], withMaps: boolean) {
  const builtIn = backbones.filter((backbone) => !backbone.sha256);
  const imported = backbones.filter(
    (backbone) => backbone.sha256 && (!withMaps || backbone.featureMaps?.some((map) => (map.stride ?? 0) >= 4)),
  );
  return [...builtIn, ...imported].map((backbone) => backbone.name).concat(imported.map(({ name }) => `random:${name}`));
}
