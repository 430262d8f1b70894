import { Button, FormSelect, FormSelectOption } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { modelVersionsQuery } from "../api/models";
import type { Run } from "../api/types";
import { useProject } from "../projects/ProjectScope";
import { withParameters } from "../ui/search";
import { shortId } from "./compare";
import { isEvaluated } from "./metrics";

/** Which two runs are compared. */
export function RunPair({ ids: [first, second], runs }: { ids: string[]; runs: Run[] }) {
  const [, setSearch] = useSearchParams();
  const show = (one: string, other: string) =>
    setSearch(withParameters({ ids: `${one},${other}`, outcome: undefined }), { replace: true });
  return (
    <div className="run-pair">
      <RunChoice label="Run" runs={runs} value={first} without={second} onChange={(chosen) => show(chosen, second)} />
      <span className="quiet">with</span>
      <RunChoice label="Other run" runs={runs} value={second} without={first} onChange={(chosen) => show(first, chosen)} />
      <Button variant="link" onClick={() => show(second, first)}>
        Swap
      </Button>
    </div>
  );
}

interface ChoiceProps {
  label: string;
  runs: Run[];
  value: string;
  /** The run that is chosen already. */
  without: string;
  onChange: (run: string) => void;
}

function RunChoice({ label, runs, value, without, onChange }: ChoiceProps) {
  const project = useProject();
  const versions = useQuery(modelVersionsQuery(project.name)).data ?? [];
  const choices = runs.filter((run) => run.id === value || (isEvaluated(run) && run.id !== without));
  return (
    <FormSelect aria-label={label} value={value} onChange={(_, chosen) => onChange(chosen)} className="run-choice">
      {!choices.some((run) => run.id === value) && <FormSelectOption value={value} label={value.slice(-6)} />}
      {choices.map((run) => {
        const number = run.model?.version ?? versions.find((version) => version.runId === run.id)?.number;
        const parts = [
          `${run.recipe.name} ${shortId(run)}`,
          number && `model version ${number}`,
          `dataset version ${run.datasetVersion}`,
        ];
        return <FormSelectOption key={run.id} value={run.id} label={parts.filter(Boolean).join(", ")} />;
      })}
    </FormSelect>
  );
}
