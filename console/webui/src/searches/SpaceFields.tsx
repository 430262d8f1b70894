import { ExpandableSection, FormGroup, FormSection, FormSelect, FormSelectOption } from "@patternfly/react-core";
import type { Parameter } from "../api/types";
import { ParameterField } from "../runs/ParameterField";
import { parameterLabel } from "../runs/parameters";
import { TextField } from "../ui/TextField";
import { readRange } from "./space";

interface Props {
  parameters: [string, Parameter][];
  /** Ranges as text, of the parameters that the search varies. */
  ranges: Record<string, string>;
  /** Values of other parameters, the same in all trials. */
  values: Record<string, string>;
  onRanges: (ranges: Record<string, string>) => void;
  onValues: (values: Record<string, string>) => void;
}

/** Which parameters a search varies, and the values of the others. */
export function SpaceFields({ parameters, ranges, values, onRanges, onValues }: Props) {
  const others = parameters.filter(([name]) => !(name in ranges));
  return (
    <>
      <FormSection title="What it varies" titleElement="h2">
        <p className="quiet">
          Values with commas, an interval such as 0.1..0.5, or log:0.001..0.1 for a logarithmic scale. An empty field stands for
          the default, in all trials.
        </p>
        {parameters
          .filter(([name]) => name in ranges)
          .map(([name, schema]) => (
            <TextField
              key={name}
              label={parameterLabel(name)}
              value={ranges[name]}
              onChange={(text) => onRanges({ ...ranges, [name]: text })}
              wrong={readRange(ranges[name], schema).wrong}
              help={schema.description}
            />
          ))}
        <FormGroup label="Vary another parameter" fieldId="vary">
          <FormSelect id="vary" value="" onChange={(_, name) => name && onRanges({ ...ranges, [name]: "" })}>
            <FormSelectOption value="" label="Choose one" isPlaceholder />
            {others.map(([name]) => (
              <FormSelectOption key={name} value={name} label={parameterLabel(name)} />
            ))}
          </FormSelect>
        </FormGroup>
      </FormSection>
      <ExpandableSection toggleText="The same in all trials">
        <FormSection>
          {others.map(([name, schema]) => (
            <ParameterField
              key={name}
              name={name}
              schema={schema}
              value={values[name] ?? ""}
              onChange={(value) => onValues({ ...values, [name]: value })}
            />
          ))}
        </FormSection>
      </ExpandableSection>
    </>
  );
}
