/** Reads a percentage of 0 to 100; undefined if it is none. */
export function parseWeight(text: string): number | undefined {
  const value = Number(text.replace(",", ".").replace("%", "").trim());
  return /\d/.test(text) && value >= 0 && value <= 100 ? value : undefined;
}

/** Reads the weights of a rollout: increasing percentages above 0, with commas between them; undefined if they are none. */
export function parseSteps(text: string): number[] | undefined {
  const steps = text.split(",").map(parseWeight);
  return steps.every((step, i) => step !== undefined && step > (i === 0 ? 0 : steps[i - 1]!)) ? (steps as number[]) : undefined;
}
