import type { Parameter, SearchRange } from "../api/types";

/** A range as the command line writes it: `0.001..0.1`, `log:0.001..0.1`, or values with commas. */
export function rangeText({ values, min, max, log }: SearchRange): string {
  return values ? values.map(String).join(", ") : `${log ? "log:" : ""}${min}..${max}`;
}

/** What a text means for a parameter, or what is wrong with it; an empty one means that the parameter is not varied. */
export function readRange(text: string, schema: Parameter): { range?: SearchRange; wrong?: string } {
  const typed = text.trim();
  if (!typed) {
    return {};
  }
  const numeric = schema.type === "integer" || schema.type === "number";
  const interval = /^(log:)?(.+)\.\.(.+)$/.exec(typed);
  if (interval) {
    const [, log, from, to] = interval;
    const min = Number(from);
    const max = Number(to);
    if (!numeric || !Number.isFinite(min) || !Number.isFinite(max) || min >= max || (log && min <= 0)) {
      return { wrong: "Type a smaller and a larger number: 0.001..0.1, or log:0.001..0.1 above 0." };
    }
    return { range: { min, max, ...(log ? { log: true } : {}) } };
  }
  const values = typed.split(",").map((value) => value.trim());
  if (values.some((value) => !value || (numeric && !Number.isFinite(Number(value))))) {
    return { wrong: numeric ? "Type numbers with commas, or an interval: 0.001..0.1" : "Type values with commas." };
  }
  return {
    range: {
      values: values.map((value) => (numeric ? Number(value) : schema.type === "boolean" ? value === "true" : value)),
    },
  };
}
