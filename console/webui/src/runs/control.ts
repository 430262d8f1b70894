import type { Run } from "../api/types";

/** The recipe that a run trained its model with: of one that chose among several, the chosen one. */
export const trainedRecipe = ({ recipe, selection }: Run) =>
  selection?.candidates.find(({ name }) => name === selection.chosen)?.recipe ?? recipe;

const backbone = (run: Run) => String(trainedRecipe(run).parameters?.backbone ?? "");

/** A run on a network with random weights: a metric that it reaches too proves nothing. */
export const isControl = (run: Run) => /^random(:|$)/.test(backbone(run));

/** Whether a control of the run can be made: its recipe uses a backbone with weights or filters of its own. */
export const mayHaveControl = (run: Run) => run.kind === "TRAINING" && backbone(run) !== "" && !isControl(run);

/** The backbone of its control: the same network with random weights, or the built-in random one. */
export const controlBackbone = (run: Run) => (["scattering", "hog"].includes(backbone(run)) ? "random" : `random:${backbone(run)}`);

/** The newest control of the same kind on the same dataset version with the same recipe. */
export const controlOf = (run: Run, runs: Run[]) =>
  runs.find(
    (other) =>
      isControl(other) &&
      other.state === "SUCCEEDED" &&
      other.id !== run.id &&
      other.kind === run.kind &&
      other.datasetVersion === run.datasetVersion &&
      trainedRecipe(other).name === trainedRecipe(run).name,
  );
