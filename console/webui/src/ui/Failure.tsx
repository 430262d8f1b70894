import { Alert, AlertActionLink } from "@patternfly/react-core";
import { messageOf } from "../api/problem";

/** Why something could not be loaded or done, and a way to try again. */
export function Failure({ error, title, retry }: { error: unknown; title: string; retry?: () => void }) {
  return (
    <Alert
      variant="danger"
      isInline
      title={title}
      actionLinks={retry && <AlertActionLink onClick={retry}>Try again</AlertActionLink>}
    >
      {messageOf(error)}
    </Alert>
  );
}
