import type { Parameter } from "../api/types";

/** imageSize → Image size. */
export function parameterLabel(name: string): string {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, (_, end: string, begin: string) => `${end} ${begin.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What may be typed: the range and the default. */
export function allowed(schema: Parameter): string {
  const { minimum, maximum, multipleOf } = schema;
  const range =
    minimum !== undefined && maximum !== undefined
      ? `${plain(minimum)} to ${plain(maximum)}`
      : minimum !== undefined
        ? `at least ${plain(minimum)}`
        : maximum !== undefined
          ? `at most ${plain(maximum)}`
          : "";
  const steps = multipleOf && multipleOf !== 1 ? `in steps of ${plain(multipleOf)}` : "";
  const standard = schema.default !== undefined ? `default: ${plain(schema.default)}` : "";
  return [[range, steps].filter(Boolean).join(" "), standard].filter(Boolean).join("; ");
}

/** What is wrong with a value; an empty one stands for the default. */
export function wrongParameter(schema: Parameter, text: string): string | undefined {
  if (text === "" || (schema.type !== "integer" && schema.type !== "number")) {
    return undefined;
  }
  const value = Number(text);
  if (!Number.isFinite(value) || (schema.type === "integer" && !Number.isInteger(value))) {
    return schema.type === "integer" ? "Type a whole number." : "Type a number.";
  }
  const { minimum, maximum, multipleOf } = schema;
  if ((minimum !== undefined && value < minimum) || (maximum !== undefined && value > maximum)) {
    return `Type a number from ${plain(minimum ?? "any")} to ${plain(maximum ?? "any")}.`;
  }
  return multipleOf && value % multipleOf !== 0 ? `Type a multiple of ${plain(multipleOf)}.` : undefined;
}

/** What is wrong with a whole number that must be there. */
export const wrongWhole = (text: string, minimum: number, maximum: number) =>
  text === "" ? "Type a whole number." : wrongParameter({ type: "integer", minimum, maximum }, text);

export const parsed = (schema: Parameter, text: string) =>
  schema.type === "boolean" ? text === "true" : schema.type === "string" ? text : Number(text);

const plain = (value: string | number | boolean) =>
  typeof value === "number" ? value.toLocaleString("en", { maximumSignificantDigits: 6, useGrouping: false }) : String(value);
