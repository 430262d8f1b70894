import {
  FormSelect,
  FormSelectOption,
  SearchInput,
  Toolbar,
  ToolbarContent,
  ToolbarItem,
} from "@patternfly/react-core";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { SPLITS, UNLABELLED_CHOICE } from "./filter";

interface Props {
  labels: string[];
  onChange: (name: string, value: string | null, replace?: boolean) => void;
}

/** Filters of the grid; they stand in the address. */
export function ImageToolbar({ labels, onChange }: Props) {
  const [search] = useSearchParams();
  const labelChoices = [...labels.map((label) => ({ value: label, text: label })), UNLABELLED_CHOICE];
  return (
    <Toolbar inset={{ default: "insetNone" }} aria-label="Filters">
      <ToolbarContent>
        <ToolbarItem>
          <Choice name="Label" all="All labels" choices={labelChoices} value={search.get("label")} onChange={(value) => onChange("label", value)} />
        </ToolbarItem>
        <ToolbarItem>
          <Choice name="Split" all="All splits" choices={SPLITS} value={search.get("split")} onChange={(value) => onChange("split", value)} />
        </ToolbarItem>
        <ToolbarItem>
          <Text value={search.get("text") ?? ""} onChange={(text) => onChange("text", text || null, true)} />
        </ToolbarItem>
      </ToolbarContent>
    </Toolbar>
  );
}

interface ChoiceProps {
  name: string;
  all: string;
  choices: { value: string; text: string }[];
  value: string | null;
  onChange: (value: string | null) => void;
}

function Choice({ name, all, choices, value, onChange }: ChoiceProps) {
  return (
    <FormSelect aria-label={name} value={value ?? ""} onChange={(_, chosen) => onChange(chosen || null)} style={{ inlineSize: "12rem" }}>
      <FormSelectOption value="" label={all} />
      {choices.map((choice) => (
        <FormSelectOption key={choice.value} value={choice.value} label={choice.text} />
      ))}
    </FormSelect>
  );
}

/** Searches when the typing pauses. */
function Text({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const [text, setText] = useState(value);
  useEffect(() => {
    if (text === value) {
      return;
    }
    const pause = setTimeout(() => onChange(text), 300);
    return () => clearTimeout(pause);
  }, [text, value, onChange]);
  return (
    <SearchInput
      aria-label="File name"
      placeholder="File name"
      value={text}
      onChange={(_, typed) => setText(typed)}
      onClear={() => setText("")}
    />
  );
}
