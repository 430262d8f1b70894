import { Alert } from "@patternfly/react-core";
import { Link } from "react-router";
import type { Control, Run } from "../api/types";
import { differenceText } from "./control";

/** Says that a model is not shown to be better than its control, and what to try. */
export function ControlWarning({ run, control }: { run: Run; control: Control }) {
  return (
    <Alert
      isInline
      variant="warning"
      title="The model is not shown to be better than its control"
      actionLinks={<Link to={`../runs/new?from=${run.id}`}>Try other values</Link>}
    >
      <p>{differenceText(control)}</p>
      <ul>
        {control.advice.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </Alert>
  );
}
