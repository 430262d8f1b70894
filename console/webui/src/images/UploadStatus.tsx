import { Label } from "@patternfly/react-core";
import { InProgressIcon } from "@patternfly/react-icons";
import { useNavigate } from "react-router";
import { useInterrupted } from "./interrupted";
import { useUploads } from "./uploads";

/** In the head of every screen: uploads that go on, or were interrupted. */
export function UploadStatus() {
  const navigate = useNavigate();
  const running = useUploads().filter((upload) => upload.state === "running");
  const interrupted = useInterrupted().at(0);
  const open = (project: string) => void navigate(`/projects/${encodeURIComponent(project)}/images?upload`);
  if (running.length === 0) {
    return interrupted ? (
      <Label status="warning" onClick={() => open(interrupted.project)}>
        Upload interrupted
      </Label>
    ) : null;
  }
  const done = running.reduce((sum, upload) => sum + upload.done, 0);
  const total = running.reduce((sum, upload) => sum + upload.total, 0);
  return (
    <Label color="blue" icon={<InProgressIcon />} onClick={() => open(running[0].project)}>
      Uploading {done} of {total}
    </Label>
  );
}
