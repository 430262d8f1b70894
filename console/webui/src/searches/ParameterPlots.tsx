import { useMemo } from "react";
import type { Search, Trial } from "../api/types";
import { Figure } from "../evaluation/Figure";
import { parameterLabel } from "../runs/parameters";
import { Plot } from "../ui/Plot";
import { metric } from "../ui/format";

/** The objective over each parameter that is a number. */
export function ParameterPlots({ search }: { search: Search }) {
  const ended = (search.results ?? []).filter((trial) => trial.state === "SUCCEEDED");
  const names = Object.keys(search.space).filter((name) => ended.every((trial) => typeof trial.parameters[name] === "number"));
  if (ended.length < 2 || names.length === 0) {
    return null;
  }
  return names.map((name) => <ParameterPlot key={name} name={name} search={search} trials={ended} />);
}

function ParameterPlot({ name, search, trials }: { name: string; search: Search; trials: Trial[] }) {
  const sorted = trials.toSorted((a, b) => Number(a.parameters[name]) - Number(b.parameters[name]));
  const x = sorted.map((trial) => Number(trial.parameters[name]));
  const y = sorted.map((trial) => trial.metric ?? null);
  const text = JSON.stringify([x, y]);
  const data = useMemo(() => ({ x, y }), [text]);
  const title = `${parameterLabel(search.objective)} on DEV by ${parameterLabel(name).toLowerCase()}`;
  return (
    <Figure
      title={title}
      note="Each point is a trial. The other parameters differ, too."
      columns={[parameterLabel(name), `${parameterLabel(search.objective)} on DEV`, "Trial"]}
      rows={sorted.map((trial) => [String(trial.parameters[name]), metric(trial.metric), String(trial.number)])}
    >
      <Plot
        label={title}
        data={data}
        scatter={{ x: parameterLabel(name), y: "", log: search.space[name].log ?? false }}
      />
    </Figure>
  );
}
