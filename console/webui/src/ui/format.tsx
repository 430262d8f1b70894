const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const NUMBER = new Intl.NumberFormat("en");

export const count = (value: number, one: string, many = one + "s") =>
  `${NUMBER.format(value)} ${value === 1 ? one : many}`;

export const number = (value: number) => NUMBER.format(value);

/** A metric: four digits after the point, as they are compared. */
export const metric = (value: number | null | undefined) =>
  value === undefined || value === null ? "–" : Number.isInteger(value) && value > 1 ? number(value) : value.toFixed(4);

export function bytes(value: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit]}`;
}

export function duration(seconds: number): string {
  if (seconds < 60) {
    return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  }
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${Math.round(seconds % 60)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A moment, with the exact time as a tooltip. */
export function Moment({ at }: { at?: string }) {
  return at ? (
    <time dateTime={at} title={at} className="moment">
      {MOMENT.format(new Date(at))}
    </time>
  ) : (
    <span className="quiet">–</span>
  );
}
