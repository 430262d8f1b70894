/** Floors as lines of NAME=VALUE, by name. */
export const floorText = (floors: Record<string, number> = {}) =>
  Object.entries(floors)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, value]) => `${name}=${value}`)
    .join("\n");

/** The floors that such lines name; undefined if a line is not one. */
export function floorsOf(text: string): Record<string, number> | undefined {
  const floors: Record<string, number> = {};
  for (const line of text.split("\n").filter((each) => each.trim())) {
    const split = line.lastIndexOf("=");
    const name = line.slice(0, split).trim();
    const value = numberIn(line.slice(split + 1), -Infinity, Infinity);
    if (split < 1 || !name || value === undefined) {
      return undefined;
    }
    floors[name] = value;
  }
  return floors;
}

/** The number in a text, if it is within these. */
export function numberIn(text: string, least: number, most: number): number | undefined {
  const value = Number(text.trim() || NaN);
  return Number.isFinite(value) && value >= least && value <= most ? value : undefined;
}
