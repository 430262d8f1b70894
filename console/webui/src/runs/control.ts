import type { Control, Run } from "../api/types";
import { metric } from "../ui/format";
import { metricWords } from "./metrics";

/** The recipe that a run trained its model with: of one that chose among several, the chosen one. */
export const trainedRecipe = ({ recipe, selection }: Run) =>
  selection?.candidates.find(({ name }) => name === selection.chosen)?.recipe ?? recipe;

/** A run on a network with random weights: a metric that it reaches too proves nothing. */
export const isControl = (run: Run) => /^random(:|$)/.test(String(trainedRecipe(run).parameters?.backbone ?? ""));

/** How a model compares with its control: values, difference and interval in a sentence. */
export function differenceText({ metric: name, value, split, images, difference }: Control): string {
  const signed = (one: number) => (one > 0 ? "+" : "") + metric(one);
  const interval =
    difference.low === undefined || difference.high === undefined
      ? ""
      : `, with a 95 % interval from ${signed(difference.low)} to ${signed(difference.high)}`;
  return (
    `${metricWords(name).name} on ${images} ${split} images: ${metric(value + difference.value)}, control ${metric(value)}. ` +
    `The difference is ${signed(difference.value)}${interval}.`
  );
}
