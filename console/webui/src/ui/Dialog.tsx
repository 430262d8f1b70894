import { Button, Form, Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core";
import { type FormEvent, type ReactNode, useId } from "react";
import { Failure } from "./Failure";

interface Props {
  title: string;
  description?: ReactNode;
  submit: string;
  danger?: boolean;
  /** Whether the form can't be sent as it is. */
  incomplete?: boolean;
  busy: boolean;
  error?: unknown;
  wide?: boolean;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** A form in a dialog. What was typed stays when the request fails. */
export function Dialog(props: Props) {
  const { title, description, submit, danger, incomplete, busy, error, wide, onSubmit, onClose, children } = props;
  const form = useId();
  const heading = useId();
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!incomplete && !busy) {
      onSubmit();
    }
  };
  return (
    <Modal isOpen variant={wide ? "medium" : "small"} onClose={onClose} aria-labelledby={heading}>
      <ModalHeader title={title} labelId={heading} description={description} titleIconVariant={danger ? "warning" : undefined} />
      <ModalBody>
        <Form id={form} onSubmit={send} noValidate>
          {children}
          {error ? <Failure title="That did not work" error={error} /> : null}
        </Form>
      </ModalBody>
      <ModalFooter>
        <Button
          type="submit"
          form={form}
          variant={danger ? "danger" : "primary"}
          isDisabled={incomplete || busy}
          isLoading={busy}
        >
          {submit}
        </Button>
        <Button variant="link" onClick={onClose}>
          Cancel
        </Button>
      </ModalFooter>
    </Modal>
  );
}
