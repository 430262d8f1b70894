import { Alert, AlertActionLink } from "@patternfly/react-core";
import { useQueryClient } from "@tanstack/react-query";
import { count, number } from "../ui/format";
import { notify } from "../ui/notices";
import { discard, goOn, type Interrupted, useInterrupted } from "./interrupted";

/** Uploads into the project that a reload, or the end of a tab, has interrupted. */
export function InterruptedUploads({ project }: { project: string }) {
  const queries = useQueryClient();
  const uploads = useInterrupted().filter((upload) => upload.project === project);
  const resume = async (upload: Interrupted) => {
    if (!(await goOn(upload))) {
      notify("Another tab goes on with this upload.", "info");
    }
    await queries.invalidateQueries({ queryKey: ["projects", project] });
    await queries.invalidateQueries({ queryKey: ["imports", project] });
  };
  return uploads.map((upload) => (
    <Alert
      key={upload.id}
      isInline
      variant="warning"
      component="p"
      title={titleOf(upload)}
      actionLinks={
        <>
          {upload.left > 0 && <AlertActionLink onClick={() => void resume(upload)}>Go on</AlertActionLink>}
          <AlertActionLink onClick={() => void discard(upload)}>{upload.left > 0 ? "Discard" : "Dismiss"}</AlertActionLink>
        </>
      }
    >
      {upload.label && `Their label: ${upload.label}. `}
      {!upload.whole &&
        `${upload.left > 0 ? "This browser could not keep all of them" : "They were too large to be kept by this browser"}: choose the others again. Images that Loupe has already are recognized.`}
    </Alert>
  ));
}

function titleOf({ archives, total, left, whole }: Interrupted) {
  const all = `An upload of ${count(total, archives ? "archive" : "file")} was interrupted`;
  return left === 0 ? all : `${all}: ${number(left)} ${left === 1 ? "is" : "are"} ${whole ? "left" : "kept here"}`;
}
