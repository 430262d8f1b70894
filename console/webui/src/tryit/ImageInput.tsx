import { Button, Content, Title } from "@patternfly/react-core";
import { CameraIcon, ImageIcon } from "@patternfly/react-icons";
import { type DragEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";

interface Props {
  onImage: (file: File) => void;
  onCamera: () => void;
  /** The image, as soon as there is one. */
  children?: ReactNode;
}

/** Browsers offer the camera to pages that come over HTTPS, or from the same machine. */
const hasCamera = () => typeof navigator.mediaDevices?.getUserMedia === "function";

/** Takes an image: dropped, chosen, pasted, or from the camera. */
export function ImageInput({ onImage, onCamera, children }: Props) {
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  usePastedImage(onImage);
  const take = (files: FileList | null) => files?.[0] && onImage(files[0]);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files);
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
      onDrop={drop}
    >
      {!children && <ImageIcon className="quiet" aria-hidden />}
      <Title headingLevel="h2" size="md" id={id}>
        Image
      </Title>
      {children ?? (
        <Content component="p" className="quiet">
          Drop an image here, or paste one. JPEG, PNG, WebP, BMP or TIFF. It is not kept.
        </Content>
      )}
      <div className="drop-zone-buttons">
        <Button variant="secondary" size="sm" onClick={() => input.current?.click()}>
          {children ? "Choose another image" : "Choose an image"}
        </Button>
        {hasCamera() && (
          <Button variant="secondary" size="sm" icon={<CameraIcon />} onClick={onCamera}>
            Use the camera
          </Button>
        )}
      </div>
      <input
        ref={input}
        type="file"
        hidden
        accept="image/*"
        data-testid="image"
        onChange={(event) => {
          take(event.currentTarget.files);
          event.currentTarget.value = ""; // so that the same file can be chosen again
        }}
      />
    </section>
  );
}

function usePastedImage(onImage: (file: File) => void) {
  const latest = useRef(onImage);
  useEffect(() => {
    latest.current = onImage;
  });
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const file = event.clipboardData?.files[0];
      if (file) {
        event.preventDefault();
        latest.current(file);
      }
    };
    document.addEventListener("paste", paste);
    return () => document.removeEventListener("paste", paste);
  }, []);
}
