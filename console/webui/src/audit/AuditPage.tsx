import { Button } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { auditQuery } from "../api/access";
import { projectsQuery } from "../api/projects";
import type { AuditEntry } from "../api/types";
import { useProject } from "../projects/ProjectScope";
import { Failure } from "../ui/Failure";
import { Screen } from "../ui/Screen";
import { Moment } from "../ui/format";
import { LoadingRows } from "../ui/loading";
import { AuditFilters } from "./AuditFilters";
import { Verification } from "./Verification";
import { filterOf, values } from "./audit";
import "./audit.css";

/** Who changed what in all projects, and whether the record of it is whole. */
export function AuditPage() {
  const projects = useQuery(projectsQuery).data?.items ?? [];
  const names = new Map(projects.map(({ id, name }) => [id, name]));
  return (
    <Screen title="Audit" lead="Who changed what, in all projects.">
      <div className="stack-large">
        <Verification />
        <Changes nameOf={(id) => names.get(id) ?? id} />
      </div>
    </Screen>
  );
}

/** Who changed what in a project. */
export function ProjectAuditPage() {
  const project = useProject();
  return (
    <Screen title="Audit" of={project.name} lead="Who changed what in this project. Its administrators see it.">
      <Changes project={project.id} />
    </Screen>
  );
}

function Changes({ project, nameOf }: { project?: string; nameOf?: (id: string) => string }) {
  const [search] = useSearchParams();
  const changes = useInfiniteQuery(auditQuery({ ...filterOf(search), project }));
  const rows = changes.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="stack">
      <AuditFilters />
      {changes.isPending && <LoadingRows text="Loading the changes" />}
      {changes.isError && (
        <Failure title="The changes could not be loaded" error={changes.error} retry={() => changes.refetch()} />
      )}
      {changes.data && rows.length === 0 && <p className="quiet">No change is like this.</p>}
      {rows.length > 0 && <ChangeTable changes={rows} nameOf={nameOf} />}
      {changes.hasNextPage && (
        <div>
          <Button variant="secondary" onClick={() => changes.fetchNextPage()} isLoading={changes.isFetchingNextPage}>
            Show more
          </Button>
        </div>
      )}
    </div>
  );
}

function ChangeTable({ changes, nameOf }: { changes: AuditEntry[]; nameOf?: (id: string) => string }) {
  return (
    <Table variant="compact" aria-label="Changes">
      <Thead>
        <Tr>
          <Th>Time</Th>
          <Th>Who</Th>
          {nameOf && <Th>Project</Th>}
          <Th>Action</Th>
          <Th width={25}>Subject</Th>
          <Th width={35}>Change</Th>
        </Tr>
      </Thead>
      <Tbody>
        {changes.map((change) => (
          <Tr key={change.id}>
            <Td dataLabel="Time">
              <Moment at={change.at} />
            </Td>
            <Td dataLabel="Who" modifier="breakWord">
              {change.actor}
              {change.onBehalfOf && <div className="quiet">for {change.onBehalfOf}</div>}
            </Td>
            {nameOf && <Td dataLabel="Project">{change.projectId ? nameOf(change.projectId) : "–"}</Td>}
            <Td dataLabel="Action">{change.action}</Td>
            <Td dataLabel="Subject" modifier="breakWord">
              {change.subject}
            </Td>
            <Td dataLabel="Change" modifier="breakWord">
              {change.detail}
              {values(change) && <div className="audit-values">{values(change)}</div>}
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
