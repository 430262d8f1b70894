import { useState } from "react";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/TextField";

const TEXTS = {
  label: { title: "New label", submit: "Set label", field: "Label", help: "The name of a class, for example: scratch" },
  product: { title: "New product", submit: "Set product", field: "Product", help: "The kind of item that the images show, for example: lid" },
};

interface Props {
  of: keyof typeof TEXTS;
  onChoose: (name: string) => void;
  onClose: () => void;
}

/** Asks for a class or a product that no image has yet. */
export function NewName({ of, onChoose, onClose }: Props) {
  const [name, setName] = useState("");
  const { title, submit, field, help } = TEXTS[of];
  return (
    <Dialog title={title} submit={submit} busy={false} incomplete={!name.trim()} onSubmit={() => onChoose(name.trim())} onClose={onClose}>
      <TextField label={field} value={name} onChange={setName} help={help} required autoFocus />
    </Dialog>
  );
}
