import { Button, Content, Title } from "@patternfly/react-core";
import { UploadIcon } from "@patternfly/react-icons";
import { type DragEvent, useId, useRef, useState } from "react";
import { chosenFiles, droppedFiles } from "./dropped";
import type { UploadFile } from "./uploads";

interface Props {
  title: string;
  help: string;
  onFiles: (files: UploadFile[]) => void;
  /** Whether to offer the choice of a folder first. */
  folders?: boolean;
}

/** A place to drop files and folders, with buttons for those who don't drag. */
export function DropZone({ title, help, onFiles, folders }: Props) {
  const [over, setOver] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const id = useId();
  const drop = async (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onFiles(await droppedFiles(event.dataTransfer));
  };
  const chosen = (input: HTMLInputElement) => {
    if (input.files?.length) {
      onFiles(chosenFiles(input.files));
    }
    input.value = ""; // so that the same files can be chosen again
  };
  return (
    <section
      className={over ? "drop-zone drop-zone-over" : "drop-zone"}
      aria-labelledby={id}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => void drop(event)}
    >
      <UploadIcon className="quiet" aria-hidden />
      <Title headingLevel="h3" size="md" id={id}>
        {title}
      </Title>
      <Content component="p" className="quiet">
        {help}
      </Content>
      <div className="drop-zone-buttons">
        <Button variant={folders ? "link" : "secondary"} size="sm" onClick={() => files.current?.click()}>
          Choose files
        </Button>
        <Button variant={folders ? "secondary" : "link"} size="sm" onClick={() => folder.current?.click()}>
          Choose a folder
        </Button>
      </div>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        data-testid={`files-${title}`}
        onChange={(event) => chosen(event.currentTarget)}
      />
      <input
        ref={(input) => {
          input?.setAttribute("webkitdirectory", "");
          folder.current = input;
        }}
        type="file"
        hidden
        onChange={(event) => chosen(event.currentTarget)}
      />
    </section>
  );
}
