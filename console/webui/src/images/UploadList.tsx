import { Alert, AlertActionCloseButton, Button, ExpandableSection, List, ListItem, Progress } from "@patternfly/react-core";
import { count } from "../ui/format";
import { cancelUpload, forgetUpload, type Upload, useUploads } from "./uploads";

/** What happens to the files that were chosen, and why some were refused. */
export function UploadList({ project }: { project: string }) {
  const uploads = useUploads().filter((upload) => upload.project === project);
  return (
    <div className="stack" aria-live="polite">
      {uploads.map((upload) => (upload.state === "running" ? <Running key={upload.id} upload={upload} /> : <Ended key={upload.id} upload={upload} />))}
    </div>
  );
}

function Running({ upload }: { upload: Upload }) {
  return (
    <div className="upload-row">
      <Progress
        title={upload.archives ? "Uploading zip archives" : `Uploading ${upload.label ?? "images without a label"}`}
        value={(100 * upload.done) / upload.total}
        label={`${upload.done} of ${upload.total}`}
        valueText={`${upload.done} of ${upload.total}`}
        measureLocation="top"
      />
      <Button variant="link" onClick={() => cancelUpload(upload.id)}>
        Cancel
      </Button>
    </div>
  );
}

function Ended({ upload }: { upload: Upload }) {
  const parts = [
    upload.archives ? `${count(upload.added, "archive")} uploaded` : `${count(upload.added, "image")} added`,
    upload.existing > 0 && `${upload.existing} already in the project`,
    upload.refusals.length > 0 && `${count(upload.refusals.length, "file")} refused`,
  ].filter(Boolean);
  return (
    <Alert
      isInline
      variant={upload.refusals.length > 0 || upload.state === "cancelled" ? "warning" : "success"}
      title={`${upload.state === "cancelled" ? "Upload cancelled: " : ""}${parts.join(", ")}`}
      actionClose={<AlertActionCloseButton onClose={() => forgetUpload(upload.id)} />}
    >
      {upload.archives && upload.added > 0 && "Its images appear when they are imported; the import is shown below."}
      {upload.refusals.length > 0 && (
        <ExpandableSection toggleText="Show the refused files">
          <List isPlain>
            {upload.refusals.map((refusal) => (
              <ListItem key={refusal.name}>
                <strong>{refusal.name}</strong>: {refusal.reason}
              </ListItem>
            ))}
          </List>
        </ExpandableSection>
      )}
    </Alert>
  );
}
