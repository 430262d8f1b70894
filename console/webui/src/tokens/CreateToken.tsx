import {
  Alert,
  Button,
  ClipboardCopy,
  FormGroup,
  FormSelect,
  FormSelectOption,
  Modal,
  ModalBody,
  ModalFooter,
  ModalHeader,
} from "@patternfly/react-core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { ask, dataset } from "../api/client";
import { tokensQuery } from "../api/access";
import type { ApiToken, ListedProject, Role } from "../api/types";
import { ROLES } from "../members/roles";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/TextField";
import "./tokens.css";

interface Props {
  /** The only project of the token; absent: it is chosen. */
  project?: string;
  projects?: ListedProject[];
  /** Whether the person may create tokens of other tenants. */
  ofAnyTenant?: boolean;
  onClose: () => void;
}

const LONGEST = 3650;

/** Creates a token, then shows it: this is the only time. */
export function CreateToken({ project, projects, ofAnyTenant, onClose }: Props) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("VIEWER");
  const [chosen, setChosen] = useState(project ?? "");
  const [tenant, setTenant] = useState("");
  const [days, setDays] = useState("90");
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: () =>
      ask(
        dataset.POST("/api/v1/tokens", {
          body: { name: name.trim(), role, project: chosen || undefined, tenant: tenant.trim() || undefined, expiresInDays: Number(days) },
        }),
      ) as Promise<ApiToken>,
    onSuccess: () => queries.invalidateQueries({ queryKey: tokensQuery().queryKey.slice(0, 1) }),
  });
  if (create.data?.token) {
    return <Created name={create.data.name} token={create.data.token} onClose={onClose} />;
  }
  const wrongDays = !/^\d+$/.test(days) || Number(days) < 1 || Number(days) > LONGEST;
  return (
    <Dialog
      title="Create a token"
      description="It is shown once, when it is created."
      submit="Create"
      incomplete={!name.trim() || wrongDays}
      busy={create.isPending}
      error={create.error}
      onSubmit={() => create.mutate()}
      onClose={onClose}
    >
      <TextField
        label="Name"
        value={name}
        onChange={setName}
        required
        autoFocus
        maxLength={63}
        help="Of the program or person: lower-case letters, digits, dots, dashes. The audit log has it."
      />
      <FormGroup label="Role" fieldId="token-role" isRequired>
        <FormSelect id="token-role" value={role} onChange={(_, value) => setRole(value as Role)}>
          {(Object.keys(ROLES) as Role[]).map((one) => (
            <FormSelectOption key={one} value={one} label={`${ROLES[one][0]}: ${ROLES[one][1]}`} />
          ))}
        </FormSelect>
      </FormGroup>
      {!project && (
        <FormGroup label="Project" fieldId="token-project">
          <FormSelect id="token-project" value={chosen} onChange={(_, value) => setChosen(value)}>
            <FormSelectOption value="" label="All projects" />
            {projects?.map((one) => <FormSelectOption key={one.id} value={one.name} label={one.name} />)}
          </FormSelect>
        </FormGroup>
      )}
      {ofAnyTenant && !chosen && (
        <TextField
          label="Tenant"
          value={tenant}
          onChange={setTenant}
          maxLength={30}
          help="Another organisation, for a token for all its projects: small letters, digits and hyphens. Empty: yours."
        />
      )}
      <TextField
        label="Days until it expires"
        value={days}
        onChange={setDays}
        required
        wrong={wrongDays ? `A number from 1 to ${LONGEST}.` : undefined}
      />
    </Dialog>
  );
}

function Created({ name, token, onClose }: { name: string; token: string; onClose: () => void }) {
  const heading = useId();
  return (
    <Modal isOpen variant="small" onClose={onClose} aria-labelledby={heading}>
      <ModalHeader title={`Token ${name}`} labelId={heading} />
      <ModalBody className="token-created">
        <Alert variant="warning" isInline isPlain title="Copy it now: Loupe does not show it again." />
        <ClipboardCopy isReadOnly isCode hoverTip="Copy" clickTip="Copied" textAriaLabel="Token">
          {token}
        </ClipboardCopy>
      </ModalBody>
      <ModalFooter>
        <Button onClick={onClose}>Done</Button>
      </ModalFooter>
    </Modal>
  );
}
