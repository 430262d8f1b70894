import { FormGroup, FormSelect, FormSelectOption, Radio } from "@patternfly/react-core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, dataset } from "../api/client";
import { membersQuery } from "../api/access";
import type { Member, MemberKind, Role } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { notify } from "../ui/notices";
import { TextField } from "../ui/TextField";
import { KINDS, ROLES } from "./roles";

interface Props {
  project: string;
  /** Whose role is changed; undefined: a new member. */
  member?: Member;
  onClose: () => void;
}

/** Gives a person or a group a role in the project. */
export function SetMember({ project, member, onClose }: Props) {
  const [kind, setKind] = useState<MemberKind>(member?.kind ?? "PERSON");
  const [name, setName] = useState(member?.name ?? "");
  const [role, setRole] = useState<Role>(member?.role ?? "VIEWER");
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      ask(
        dataset.POST("/api/v1/projects/{project}/members", {
          params: { path: { project } },
          body: { kind, name: name.trim(), role },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries(membersQuery(project));
      notify(`${name.trim()} has the role ${ROLES[role][0]} in ${project}.`);
      onClose();
    },
  });
  return (
    <Dialog
      title={member ? `Role of ${member.name}` : "Add a member"}
      description="All services know it within seconds."
      submit={member ? "Save" : "Add"}
      incomplete={!name.trim()}
      busy={save.isPending}
      error={save.error}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      {!member && (
        <>
          <FormGroup role="radiogroup" label="Kind" fieldId="member-kind" isInline>
            {(Object.keys(KINDS) as MemberKind[]).map((one) => (
              <Radio
                key={one}
                id={`member-${one}`}
                name="member-kind"
                label={KINDS[one]}
                isChecked={kind === one}
                onChange={() => setKind(one)}
              />
            ))}
          </FormGroup>
          <TextField
            label="Name"
            value={name}
            onChange={setName}
            required
            autoFocus
            maxLength={kind === "PERSON" ? 100 : 200}
            help={
              kind === "PERSON"
                ? "As the provider writes it, letter for letter."
                : "As the provider writes it, letter for letter. Keycloak writes a group with its path: /factory/line-2."
            }
          />
        </>
      )}
      <FormGroup label="Role" fieldId="member-role" isRequired>
        <FormSelect id="member-role" value={role} onChange={(_, chosen) => setRole(chosen as Role)}>
          {(Object.keys(ROLES) as Role[]).map((one) => (
            <FormSelectOption key={one} value={one} label={`${ROLES[one][0]}: ${ROLES[one][1]}`} />
          ))}
        </FormSelect>
      </FormGroup>
    </Dialog>
  );
}
