import {
  EmptyState,
  EmptyStateActions,
  EmptyStateBody,
  EmptyStateFooter,
  Gallery,
} from "@patternfly/react-core";
import { CubesIcon } from "@patternfly/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { projectsQuery } from "../api/projects";
import { RoleButton } from "../login/RoleButton";
import { Failure } from "../ui/Failure";
import { Screen } from "../ui/Screen";
import { LoadingCards } from "../ui/loading";
import { DeleteProject } from "./DeleteProject";
import { NewProject } from "./NewProject";
import { ProjectCard } from "./ProjectCard";
import { RenameProject } from "./RenameProject";

/** All projects. The dialog that is open stands in the address. */
export function ProjectsPage() {
  const [search, setSearch] = useSearchParams();
  const projects = useQuery(projectsQuery);
  const open = (dialog: string, project = "") => setSearch({ [dialog]: project });
  const close = () => setSearch({}, { replace: true });
  const items = projects.data?.items;
  const found = (name: string | null) => items?.find((project) => project.name === name);
  const renamed = found(search.get("rename"));
  const deleted = found(search.get("delete"));
  const create = (
    <RoleButton needs="ENGINEER" onClick={() => open("new")}>
      New project
    </RoleButton>
  );
  return (
    <Screen
      title="Projects"
      lead="A project holds the images of one kind of item, and the models that are trained on them."
      actions={items?.length ? create : undefined}
    >
      {projects.isPending && <LoadingCards text="Loading projects" />}
      {projects.isError && (
        <Failure title="The projects could not be loaded" error={projects.error} retry={() => projects.refetch()} />
      )}
      {items?.length === 0 && (
        <EmptyState titleText="No projects yet" headingLevel="h2" icon={CubesIcon}>
          <EmptyStateBody>
            Create one for the first kind of item that you want to inspect, then upload its images. A few dozen are enough to
            start.
          </EmptyStateBody>
          <EmptyStateFooter>
            <EmptyStateActions>{create}</EmptyStateActions>
          </EmptyStateFooter>
        </EmptyState>
      )}
      {items && (
        <Gallery hasGutter minWidths={{ default: "300px" }} maxWidths={{ md: "420px" }} component="ul" aria-label="Projects">
          {items.map((project) => (
            <ProjectCard
              key={project.id}
              project={project}
              onRename={() => open("rename", project.name)}
              onDelete={() => open("delete", project.name)}
            />
          ))}
        </Gallery>
      )}
      {search.has("new") && <NewProject onClose={close} />}
      {renamed && <RenameProject project={renamed} onClose={close} />}
      {deleted && <DeleteProject project={deleted} onClose={close} />}
    </Screen>
  );
}
