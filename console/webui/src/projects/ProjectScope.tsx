import { PageSection } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { Outlet, useOutletContext, useParams } from "react-router";
import { projectQuery } from "../api/projects";
import type { ProjectDetails } from "../api/types";
import { Failure } from "../ui/Failure";
import { LoadingRows } from "../ui/loading";

/** Loads the project of the address for the screens below it. */
export function ProjectScope() {
  const { project } = useParams();
  const details = useQuery(projectQuery(project!));
  if (details.data) {
    return <Outlet context={details.data} />;
  }
  return (
    <PageSection>
      {details.isError ? (
        <Failure title={`${project} could not be opened`} error={details.error} retry={() => details.refetch()} />
      ) : (
        <LoadingRows text="Loading the project" />
      )}
    </PageSection>
  );
}

export const useProject = () => useOutletContext<ProjectDetails>();
