import { Alert, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter } from "@patternfly/react-core";
import { UsersIcon } from "@patternfly/react-icons";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { callerQuery, membersQuery } from "../api/access";
import type { Member } from "../api/types";
import { may } from "../login/role";
import { RoleButton } from "../login/RoleButton";
import { useProject } from "../projects/ProjectScope";
import { Failure } from "../ui/Failure";
import { Menu } from "../ui/Menu";
import { Screen } from "../ui/Screen";
import { LoadingRows } from "../ui/loading";
import { RemoveMember } from "./RemoveMember";
import { KINDS, ROLES } from "./roles";
import { SetMember } from "./SetMember";

/** Persons and groups with a role in the project. The dialog that is open stands in the address. */
export function MembersPage() {
  const project = useProject();
  const members = useQuery(membersQuery(project.name));
  const caller = useQuery(callerQuery).data;
  const [search, setSearch] = useSearchParams();
  const close = () => setSearch({}, { replace: true });
  const chosen = members.data?.find(({ kind, name }) => kind === search.get("kind") && name === search.get("name"));
  const open = (action: string, { kind, name }: Member) => setSearch({ [action]: "", kind, name });
  const add = (
    <RoleButton needs="ADMIN" projectId={project.id} onClick={() => setSearch({ set: "" })}>
      Add a member
    </RoleButton>
  );
  return (
    <Screen
      title="Members"
      of={project.name}
      lead="Persons and groups with a role in this project, beside those with a role in all projects."
      actions={members.data?.length ? add : undefined}
    >
      {caller && caller.mode !== "OIDC" && (
        <Alert variant="info" isInline isPlain title="Members have an effect where persons log in with an OpenID Connect provider." />
      )}
      {members.isPending && <LoadingRows text="Loading members" />}
      {members.isError && (
        <Failure title="The members could not be loaded" error={members.error} retry={() => members.refetch()} />
      )}
      {members.data?.length === 0 && (
        <EmptyState titleText="No members yet" headingLevel="h2" icon={UsersIcon}>
          <EmptyStateBody>Only those with a role in all projects know this project. Add a person or a group.</EmptyStateBody>
          <EmptyStateFooter>
            <EmptyStateActions>{add}</EmptyStateActions>
          </EmptyStateFooter>
        </EmptyState>
      )}
      {members.data && members.data.length > 0 && (
        <MemberTable
          members={members.data}
          changeable={may(caller, "ADMIN", project.id)}
          onChange={(member) => open("set", member)}
          onRemove={(member) => open("remove", member)}
        />
      )}
      {search.has("set") && members.data && (
        <SetMember key={chosen?.name} project={project.name} member={chosen} onClose={close} />
      )}
      {search.has("remove") && chosen && <RemoveMember project={project.name} member={chosen} onClose={close} />}
    </Screen>
  );
}

interface TableProps {
  members: Member[];
  /** Whether the person may change them. */
  changeable: boolean;
  onChange: (member: Member) => void;
  onRemove: (member: Member) => void;
}

function MemberTable({ members, changeable, onChange, onRemove }: TableProps) {
  return (
    <Table variant="compact" aria-label="Members">
      <Thead>
        <Tr>
          <Th>Name</Th>
          <Th>Kind</Th>
          <Th>Role</Th>
          <Th screenReaderText="Actions" />
        </Tr>
      </Thead>
      <Tbody>
        {members.map((member) => (
          <Tr key={`${member.kind} ${member.name}`}>
            <Td dataLabel="Name" modifier="breakWord">
              {member.name}
            </Td>
            <Td dataLabel="Kind">{KINDS[member.kind]}</Td>
            <Td dataLabel="Role">{ROLES[member.role][0]}</Td>
            <Td isActionCell>
              {changeable && (
                <Menu
                  label={`Actions on ${member.name}`}
                  items={[
                    { text: "Change the role", onSelect: () => onChange(member) },
                    { text: "Remove", danger: true, onSelect: () => onRemove(member) },
                  ]}
                />
              )}
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
