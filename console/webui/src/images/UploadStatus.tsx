import { Label } from "@patternfly/react-core";
import { InProgressIcon } from "@patternfly/react-icons";
import { useNavigate } from "react-router";
import { useUploads } from "./uploads";

/** In the head of every screen: uploads that go on. */
export function UploadStatus() {
  const navigate = useNavigate();
  const running = useUploads().filter((upload) => upload.state === "running");
  if (running.length === 0) {
    return null;
  }
  const done = running.reduce((sum, upload) => sum + upload.done, 0);
  const total = running.reduce((sum, upload) => sum + upload.total, 0);
  const to = `/projects/${encodeURIComponent(running[0].project)}/images?upload`;
  return (
    <Label color="blue" icon={<InProgressIcon />} onClick={() => void navigate(to)}>
      Uploading {done} of {total}
    </Label>
  );
}
