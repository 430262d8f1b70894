import { Alert, Button, Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core";
import { useEffect, useId, useRef, useState } from "react";
import { LoadingBlock } from "../ui/loading";

/** Shows the camera, and gives one of its frames. The camera is off as soon as the dialog is closed. */
export function Camera({ onImage, onClose }: { onImage: (file: File) => void; onClose: () => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const [ready, setReady] = useState(false);
  const [failed, setFailed] = useState<string>();
  const heading = useId();
  useEffect(() => {
    let stream: MediaStream | undefined;
    let closed = false;
    const stop = () => stream?.getTracks().forEach((track) => track.stop());
    void openCamera().then(
      (opened) => {
        stream = opened;
        if (closed) {
          stop();
        } else {
          video.current!.srcObject = opened;
        }
      },
      (error: unknown) => setFailed(sentence(error)),
    );
    return () => {
      closed = true;
      stop();
    };
  }, []);
  const take = () =>
    frame(video.current!).toBlob((blob) => {
      if (blob) {
        onImage(new File([blob], "camera.png", { type: blob.type }));
      }
    }, "image/png");
  return (
    <Modal isOpen variant="medium" onClose={onClose} aria-labelledby={heading}>
      <ModalHeader title="Camera" labelId={heading} />
      <ModalBody>
        {failed ? (
          <Alert isInline variant="danger" title="The camera can't be used">
            {failed}
          </Alert>
        ) : (
          <>
            {!ready && <LoadingBlock text="Starting the camera" />}
            <video
              ref={video}
              className="camera"
              hidden={!ready}
              aria-label="What the camera sees"
              autoPlay
              muted
              playsInline
              onLoadedData={() => setReady(true)}
            />
          </>
        )}
      </ModalBody>
      <ModalFooter>
        <Button isDisabled={!ready} onClick={take}>
          Take the image
        </Button>
        <Button variant="link" onClick={onClose}>
          Cancel
        </Button>
      </ModalFooter>
    </Modal>
  );
}

/** The one on the back, where there are several. */
const openCamera = () =>
  navigator.mediaDevices.getUserMedia({
    video: { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } },
    audio: false,
  });

/** As many pixels as the camera gives. */
function frame(video: HTMLVideoElement): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d")!.drawImage(video, 0, 0);
  return canvas;
}

function sentence(error: unknown): string {
  switch (error instanceof DOMException ? error.name : "") {
    case "NotAllowedError":
      return "The browser does not let this page use the camera. Allow it beside the address, then open this again.";
    case "NotFoundError":
    case "OverconstrainedError":
      return "This computer has no camera, or it is not connected.";
    case "NotReadableError":
      return "The camera does not start. Another program may use it: close that, then open this again.";
    default:
      return "The camera does not start. Check that it is connected, then open this again.";
  }
}
