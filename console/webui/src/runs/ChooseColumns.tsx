import { Button, Checkbox, FormGroup } from "@patternfly/react-core";
import { useState } from "react";
import { Dialog } from "../ui/Dialog";
import type { Column } from "./columns";

const GROUPS: Column["group"][] = ["Run", "Parameters", "Metrics"];

interface Props {
  columns: Column[];
  shown: string[];
  /** Without names, the default columns are shown again. */
  onChoose: (names: string[] | undefined) => void;
  onClose: () => void;
}

/** Which columns the table of runs has. */
export function ChooseColumns({ columns, shown, onChoose, onClose }: Props) {
  const [chosen, setChosen] = useState(shown);
  const choosable = columns.filter((column) => column.kind !== "run");
  return (
    <Dialog title="Columns" submit="Show" wide busy={false} onSubmit={() => onChoose(chosen)} onClose={onClose}>
      {GROUPS.map((group) => (
        <FormGroup key={group} role="group" label={group} fieldId={`columns-${group}`} className="column-choices">
          {choosable.filter((column) => column.group === group).map(({ key, title }) => (
            <Checkbox
              key={key}
              id={`column-${key}`}
              label={title}
              isChecked={chosen.includes(key)}
              onChange={(_, on) => setChosen(on ? [...chosen, key] : chosen.filter((other) => other !== key))}
            />
          ))}
        </FormGroup>
      ))}
      <div>
        <Button variant="link" isInline onClick={() => onChoose(undefined)}>
          Show the default columns
        </Button>
      </div>
    </Dialog>
  );
}
