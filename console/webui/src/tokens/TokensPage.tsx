import { EmptyState, EmptyStateBody, Label } from "@patternfly/react-core";
import { KeyIcon } from "@patternfly/react-icons";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { callerQuery, tokensQuery } from "../api/access";
import { projectsQuery } from "../api/projects";
import type { ApiToken, ProjectDetails } from "../api/types";
import { may, operates } from "../login/role";
import { RoleButton } from "../login/RoleButton";
import { ROLES } from "../members/roles";
import { useProject } from "../projects/ProjectScope";
import { Failure } from "../ui/Failure";
import { Moment } from "../ui/format";
import { LoadingRows } from "../ui/loading";
import { Menu } from "../ui/Menu";
import { Screen } from "../ui/Screen";
import { CreateToken } from "./CreateToken";
import { LimitToken } from "./LimitToken";
import { RevokeToken } from "./RevokeToken";

/** The API tokens of the project alone. */
export const ProjectTokensPage = () => <Tokens project={useProject()} />;

/** All API tokens. */
export const TokensPage = () => <Tokens />;

/** The dialog that is open stands in the address. */
function Tokens({ project }: { project?: ProjectDetails }) {
  const caller = useQuery(callerQuery).data;
  const allowed = may(caller, "ADMIN", project?.id);
  const tokens = useQuery({ ...tokensQuery(project?.name), enabled: Boolean(caller) && allowed });
  const projects = useQuery({ ...projectsQuery, enabled: !project }).data?.items;
  const [search, setSearch] = useSearchParams();
  const close = () => setSearch({}, { replace: true });
  const limited = tokens.data?.find(({ id }) => id === search.get("limit"));
  const revoked = tokens.data?.find(({ id }) => id === search.get("revoke"));
  const create = (
    <RoleButton needs="ADMIN" projectId={project?.id} onClick={() => setSearch({ new: "" })}>
      Create a token
    </RoleButton>
  );
  return (
    <Screen
      title="Tokens"
      of={project?.name}
      lead={
        project
          ? "Programs, such as cameras, say with an API token who they are. These are for this project alone."
          : "Programs and persons say with an API token who they are."
      }
      actions={create}
    >
      {!allowed && (
        <EmptyState titleText="Only administrators see the tokens" headingLevel="h2" icon={KeyIcon}>
          <EmptyStateBody>
            {project ? "You are no administrator of this project." : "You are no administrator of all projects."}
          </EmptyStateBody>
        </EmptyState>
      )}
      {allowed && tokens.isPending && <LoadingRows text="Loading tokens" />}
      {allowed && tokens.isError && (
        <Failure title="The tokens could not be loaded" error={tokens.error} retry={() => tokens.refetch()} />
      )}
      {tokens.data?.length === 0 && (
        <EmptyState titleText="No tokens yet" headingLevel="h2" icon={KeyIcon}>
          <EmptyStateBody>Create one for each program that uses Loupe: then each can be revoked by itself.</EmptyStateBody>
        </EmptyState>
      )}
      {tokens.data && tokens.data.length > 0 && (
        <TokenTable
          tokens={tokens.data}
          projectName={project ? undefined : (id) => projects?.find((one) => one.id === id)?.name ?? id}
          onLimit={(token) => setSearch({ limit: token.id })}
          onRevoke={(token) => setSearch({ revoke: token.id })}
        />
      )}
      {search.has("new") && (
        <CreateToken
          project={project?.name}
          projects={projects}
          ofAnyTenant={caller?.mode !== "DISABLED" && operates(caller)}
          onClose={close}
        />
      )}
      {limited && <LimitToken token={limited} changeable={operates(caller)} onClose={close} />}
      {revoked && <RevokeToken token={revoked} onClose={close} />}
    </Screen>
  );
}

interface TableProps {
  tokens: ApiToken[];
  /** The name of a project; absent: all tokens are of one. */
  projectName?: (id: string) => string;
  onLimit: (token: ApiToken) => void;
  onRevoke: (token: ApiToken) => void;
}

const STATES = {
  VALID: ["Valid", "green"],
  EXPIRED: ["Expired", "grey"],
  REVOKED: ["Revoked", "grey"],
} as const;

function TokenTable({ tokens, projectName, onLimit, onRevoke }: TableProps) {
  return (
    <Table variant="compact" aria-label="Tokens">
      <Thead>
        <Tr>
          <Th>Name</Th>
          <Th>Role</Th>
          {projectName && <Th>Project</Th>}
          <Th>State</Th>
          <Th>Created by</Th>
          <Th>Expires</Th>
          <Th screenReaderText="Actions" />
        </Tr>
      </Thead>
      <Tbody>
        {tokens.map((token) => (
          <Tr key={token.id}>
            <Td dataLabel="Name" modifier="breakWord">
              {token.name}
            </Td>
            <Td dataLabel="Role">{ROLES[token.role][0]}</Td>
            {projectName && <Td dataLabel="Project">{token.projectId ? projectName(token.projectId) : "All projects"}</Td>}
            <Td dataLabel="State">
              <Label isCompact color={STATES[token.state][1]}>
                {STATES[token.state][0]}
              </Label>
            </Td>
            <Td dataLabel="Created by" modifier="breakWord">
              {token.createdBy}
            </Td>
            <Td dataLabel="Expires">
              <Moment at={token.expiresAt} />
            </Td>
            <Td isActionCell>
              {token.state === "VALID" && (
                <Menu
                  label={`Actions on ${token.name}`}
                  items={[
                    { text: "Limit", onSelect: () => onLimit(token) },
                    { text: "Revoke", danger: true, onSelect: () => onRevoke(token) },
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
