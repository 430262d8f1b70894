import { Alert, List, ListItem } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { runQuery } from "../api/runs";
import type { Run } from "../api/types";

/** What to know before the model of a run is used; nothing if the run has no warnings. */
export function ModelWarnings({ run: { warnings } }: { run: Run }) {
  if (!warnings?.length) {
    return null;
  }
  return (
    <Alert isInline variant="warning" title={warnings.length === 1 ? "Warning about the model" : "Warnings about the model"} component="p">
      {warnings.length === 1 ? (
        warnings[0]
      ) : (
        <List>
          {warnings.map((warning) => (
            <ListItem key={warning}>{warning}</ListItem>
          ))}
        </List>
      )}
    </Alert>
  );
}

/** The warnings of the model that a run made; nothing while they are not known. */
export function WarningsOfRun({ id }: { id: string }) {
  const run = useQuery(runQuery(id)).data;
  return run ? <ModelWarnings run={run} /> : null;
}
