import { Button, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter } from "@patternfly/react-core";
import { ExclamationCircleIcon } from "@patternfly/react-icons";
import { useRouteError } from "react-router";
import { messageOf } from "../api/problem";

const MISSING_FILE =
  "A part of the console could not be loaded: Loupe was updated, or the connection was lost. Reload the page.";

const isMissingFile = (error: unknown) =>
  error instanceof Error && /dynamically imported module|preload CSS/i.test(error.message);

/** In place of a screen that failed. */
export function RouteFailure() {
  const error = useRouteError();
  return (
    <EmptyState titleText="This page could not be shown" headingLevel="h1" icon={ExclamationCircleIcon} status="danger">
      <EmptyStateBody>{isMissingFile(error) ? MISSING_FILE : messageOf(error)}</EmptyStateBody>
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
