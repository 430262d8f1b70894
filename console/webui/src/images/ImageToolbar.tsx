import {
  FormSelect,
  FormSelectOption,
  SearchInput,
  Toolbar,
  ToolbarContent,
  ToolbarItem,
} from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { facetsQuery, type ImageFilter } from "../api/projects";
import type { FacetValue } from "../api/types";
import { number } from "../ui/format";
import { SORTS, SPLITS, UNLABELLED_CHOICE } from "./filter";

interface Props {
  project: string;
  labels: string[];
  filter: ImageFilter;
  onChange: (name: string, value: string | null, replace?: boolean) => void;
}

/** Filters of the grid; they stand in the address. */
export function ImageToolbar({ project, labels, filter, onChange }: Props) {
  const [search] = useSearchParams();
  const facets = useQuery(facetsQuery(project, filter)).data;
  const counted = (value: string, text: string, found?: FacetValue[]) => ({
    value,
    text: found ? `${text} (${number(found.find((facet) => facet.value === value)?.images ?? 0)})` : text,
  });
  const labelChoices = [
    ...labels.map((label) => counted(label, label, facets?.labels)),
    { ...UNLABELLED_CHOICE, text: UNLABELLED_CHOICE.text + (facets ? ` (${number(facets.unlabelled)})` : "") },
  ];
  const splitChoices = SPLITS.map(({ value, text }) => counted(value, text, facets?.splits));
  const productChoices = (facets?.products ?? []).map(({ value }) => counted(value, value, facets?.products));
  return (
    <Toolbar inset={{ default: "insetNone" }} aria-label="Filters">
      <ToolbarContent>
        <ToolbarItem>
          <Choice name="Label" all="All labels" choices={labelChoices} value={search.get("label")} onChange={(value) => onChange("label", value)} />
        </ToolbarItem>
        <ToolbarItem>
          <Choice name="Split" all="All splits" choices={splitChoices} value={search.get("split")} onChange={(value) => onChange("split", value)} />
        </ToolbarItem>
        {(productChoices.length > 0 || search.has("product")) && (
          <ToolbarItem>
            <Choice name="Product" all="All products" choices={productChoices} value={search.get("product")} onChange={(value) => onChange("product", value)} />
          </ToolbarItem>
        )}
        <ToolbarItem>
          <Choice name="Order" choices={SORTS} value={search.get("sort")} onChange={(value) => onChange("sort", value)} />
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
  /** Text of the choice of none. */
  all?: string;
  choices: { value: string; text: string }[];
  value: string | null;
  onChange: (value: string | null) => void;
}

function Choice({ name, all, choices, value, onChange }: ChoiceProps) {
  return (
    <FormSelect aria-label={name} value={value ?? (all ? "" : choices[0].value)} onChange={(_, chosen) => onChange(chosen || null)} style={{ inlineSize: "12rem" }}>
      {all && <FormSelectOption value="" label={all} />}
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
