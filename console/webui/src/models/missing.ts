import type { PromotionCheck } from "../api/types";

/** An evaluation that a check of a promotion needs. */
export interface MissingEvaluation {
  modelVersion: number;
  datasetVersion: number;
}

/** The command in the remedy of a check: docs/reference/promotion.md. */
const COMMAND = /\.\/loupe evaluate \S+ (\d+) --on (\d+)/;

/** The evaluation that supplies the evidence of a check; undefined if none is missing, or if one would not help. */
export function missingEvaluation({ outcome, remedy }: PromotionCheck): MissingEvaluation | undefined {
  const command = outcome === "INCONCLUSIVE" ? COMMAND.exec(remedy ?? "") : null;
  return command ? { modelVersion: Number(command[1]), datasetVersion: Number(command[2]) } : undefined;
}

/** The evaluations that a promotion needs, each once. */
export function missingEvaluations(checks: PromotionCheck[]): MissingEvaluation[] {
  const all = checks.map(missingEvaluation).filter((missing) => missing !== undefined);
  return all.filter(
    (one, index) =>
      all.findIndex((other) => other.modelVersion === one.modelVersion && other.datasetVersion === one.datasetVersion) === index,
  );
}
