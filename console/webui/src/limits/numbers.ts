/** The text of a field with a limit; empty: there is none. */
export const shown = (value: number | undefined) => (value === undefined ? "" : String(value));

/** The limit that a field has; undefined: none. */
export const optional = (text: string) => (text.trim() === "" ? undefined : Number(text));

/** What is wrong with the text of a limit, if it is not empty. */
export const wrongNumber = (text: string, pattern: RegExp) =>
  text.trim() === "" || pattern.test(text.trim()) ? undefined : "A number from 0 on, or nothing.";

/** What is wrong with a number of requests in a second. */
export const wrongRate = (text: string) =>
  text.trim() === "" || (/^\d+(\.\d+)?$/.test(text.trim()) && Number(text) > 0)
    ? undefined
    : "A number above 0, or nothing.";
