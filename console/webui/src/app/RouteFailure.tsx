import { Button, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter } from "@patternfly/react-core";
import { ExclamationCircleIcon } from "@patternfly/react-icons";
import { useRouteError } from "react-router";
import { messageOf } from "../api/problem";

/** In place of a screen that failed. A file of the console that is missing is one of an older version: reloading helps. */
export function RouteFailure() {
  const error = useRouteError();
  return (
    <EmptyState titleText="This page could not be shown" headingLevel="h1" icon={ExclamationCircleIcon} status="danger">
      <EmptyStateBody>{messageOf(error)}</EmptyStateBody>
      <EmptyStateFooter>
        <EmptyStateActions>
          <Button onClick={() => location.reload()}>Reload</Button>
        </EmptyStateActions>
        <EmptyStateActions>
          <Button variant="link" component="a" href="/projects">
            Go to the projects
          </Button>
        </EmptyStateActions>
      </EmptyStateFooter>
    </EmptyState>
  );
}
