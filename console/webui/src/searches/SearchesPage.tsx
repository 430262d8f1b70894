import { EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter } from "@patternfly/react-core";
import { SearchIcon } from "@patternfly/react-icons";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "react-router";
import { searchesQuery } from "../api/runs";
import { RoleButton } from "../login/RoleButton";
import { useProject } from "../projects/ProjectScope";
import { Failure } from "../ui/Failure";
import { Screen } from "../ui/Screen";
import { metric, Moment } from "../ui/format";
import { LoadingRows } from "../ui/loading";
import { METHODS, SearchLabel } from "./SearchLabel";

/** The searches of a project. */
export function SearchesPage() {
  const project = useProject();
  const navigate = useNavigate();
  const searches = useQuery(searchesQuery(project.name));
  const create = (
    <RoleButton needs="ENGINEER" projectId={project.id} onClick={() => navigate("new")}>
      New search
    </RoleButton>
  );
  return (
    <Screen
      title="Searches"
      of={project.name}
      lead="A search tries parameters of a recipe, chooses on the DEV images, and trains with the best ones."
      actions={searches.data?.length ? create : undefined}
    >
      {searches.isPending && <LoadingRows text="Loading searches" />}
      {searches.isError && (
        <Failure title="The searches could not be loaded" error={searches.error} retry={() => searches.refetch()} />
      )}
      {searches.data?.length === 0 && (
        <EmptyState titleText="No searches yet" headingLevel="h2" icon={SearchIcon}>
          <EmptyStateBody>Start one when a dataset version is frozen. Each trial is a run.</EmptyStateBody>
          <EmptyStateFooter>
            <EmptyStateActions>{create}</EmptyStateActions>
          </EmptyStateFooter>
        </EmptyState>
      )}
      {searches.data && searches.data.length > 0 && (
        <div className="table-scroll">
          <Table variant="compact" aria-label="Searches" gridBreakPoint="grid-lg">
            <Thead>
              <Tr>
                {["Search", "State", "Method", "Trials", "Best on DEV", "Created"].map((title) => (
                  <Th key={title}>{title}</Th>
                ))}
              </Tr>
            </Thead>
            <Tbody>
              {searches.data.map((search) => (
                <Tr key={search.id}>
                  <Td dataLabel="Search">
                    <Link to={search.id}>
                      {search.recipe.name} {search.id.slice(-6)}
                    </Link>
                  </Td>
                  <Td dataLabel="State">
                    <SearchLabel state={search.state} />
                  </Td>
                  <Td dataLabel="Method">{METHODS[search.method]}</Td>
                  <Td dataLabel="Trials" className="number">
                    {search.counts.succeeded + search.counts.failed} of {search.counts.total}
                  </Td>
                  <Td dataLabel="Best on DEV" className="number">
                    {metric(search.best?.metric)}
                  </Td>
                  <Td dataLabel="Created">
                    <Moment at={search.createdAt} />
                  </Td>
                </Tr>
              ))}
            </Tbody>
          </Table>
        </div>
      )}
    </Screen>
  );
}
