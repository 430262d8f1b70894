import { useState } from "react";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/TextField";

/** Asks for a class that no image has yet. */
export function NewLabel({ onChoose, onClose }: { onChoose: (label: string) => void; onClose: () => void }) {
  const [label, setLabel] = useState("");
  return (
    <Dialog title="New label" submit="Set label" busy={false} incomplete={!label.trim()} onSubmit={() => onChoose(label.trim())} onClose={onClose}>
      <TextField label="Label" value={label} onChange={setLabel} help="The name of a class, for example: scratch" required autoFocus />
    </Dialog>
  );
}
