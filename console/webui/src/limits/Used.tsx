import { Progress, ProgressMeasureLocation } from "@patternfly/react-core";

interface Props {
  used: number;
  /** undefined: there is none. */
  limit?: number;
  text: (value: number) => string;
  name: string;
}

/** What is used of a limit. */
export function Used({ used, limit, text, name }: Props) {
  if (limit === undefined) {
    return <>{text(used)}, no limit</>;
  }
  return (
    <Progress
      value={limit === 0 ? 100 : Math.min(100, (used / limit) * 100)}
      label={`${text(used)} of ${text(limit)}`}
      valueText={`${text(used)} of ${text(limit)}`}
      measureLocation={ProgressMeasureLocation.outside}
      variant={used >= limit ? "danger" : used >= 0.9 * limit ? "warning" : undefined}
      aria-label={name}
    />
  );
}
