/** Reads a percentage of 0 to 100; undefined if it is none. */
export function parseWeight(text: string): number | undefined {
  const value = Number(text.replace(",", ".").replace("%", "").trim());
  return /\d/.test(text) && value >= 0 && value <= 100 ? value : undefined;
}
