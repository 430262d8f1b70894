import { Alert } from "@patternfly/react-core";

/** Warnings about the model of a run, such as a threshold that was chosen on few images; nothing if there are none. */
export function ModelWarnings({ warnings }: { warnings: string[] | undefined }) {
  return (
    warnings?.map((warning) => (
      <Alert key={warning} isInline variant="warning" title="About this model">
        {warning}
      </Alert>
    )) ?? null
  );
}
