import { FormGroup, FormHelperText, HelperText, HelperTextItem, TextArea, TextInput } from "@patternfly/react-core";
import { useEffect, useId, useRef } from "react";

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  help?: string;
  /** What is wrong with the value; shown in place of the help. */
  wrong?: string;
  required?: boolean;
  autoFocus?: boolean;
  lines?: number;
  maxLength?: number;
}

export function TextField({ label, value, onChange, help, wrong, required, autoFocus, lines, maxLength }: Props) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (autoFocus) {
      // After the focus trap of its dialog is set: until then, that of a dialog below would take the focus back.
      const later = setTimeout(() => input.current?.focus());
      return () => clearTimeout(later);
    }
  }, [autoFocus]);
  const field = {
    id,
    value,
    maxLength,
    isRequired: required,
    validated: wrong ? ("error" as const) : ("default" as const),
    "aria-describedby": help || wrong ? `${id}-help` : undefined,
    "aria-invalid": wrong ? true : undefined,
  };
  return (
    <FormGroup label={label} fieldId={id} isRequired={required}>
      {lines ? (
        <TextArea {...field} rows={lines} resizeOrientation="vertical" onChange={(_, text) => onChange(text)} />
      ) : (
        <TextInput {...field} ref={input} autoComplete="off" onChange={(_, text) => onChange(text)} />
      )}
      {(help || wrong) && (
        <FormHelperText>
          <HelperText id={`${id}-help`} isLiveRegion={Boolean(wrong)}>
            <HelperTextItem variant={wrong ? "error" : "default"}>{wrong ?? help}</HelperTextItem>
          </HelperText>
        </FormHelperText>
      )}
    </FormGroup>
  );
}
