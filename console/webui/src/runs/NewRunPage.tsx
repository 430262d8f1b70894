import { Breadcrumb, BreadcrumbItem, EmptyState, EmptyStateBody, EmptyStateFooter } from "@patternfly/react-core";
import { HistoryIcon } from "@patternfly/react-icons";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { versionsQuery } from "../api/projects";
import { recipesQuery, runQuery } from "../api/runs";
import { useProject } from "../projects/ProjectScope";
import { Failure } from "../ui/Failure";
import { Screen } from "../ui/Screen";
import { LoadingRows } from "../ui/loading";
import { NewRunForm } from "./NewRunForm";

/**
 * Starts a run; with ?from=RUN the form begins with what that run used; with ?version=N on that dataset
 * version.
 */
export function NewRunPage() {
  const project = useProject();
  const [search] = useSearchParams();
  const from = search.get("from") ?? undefined;
  const versions = useQuery(versionsQuery(project.name));
  const recipes = useQuery(recipesQuery);
  const template = useQuery({ ...runQuery(from ?? ""), enabled: from !== undefined });
  const failed = [versions, recipes, template].find((query) => query.isError);
  const ready = versions.data && recipes.data && (!from || template.data);
  return (
    <Screen
      title="New run"
      of={project.name}
      lead="Trains a model. The defaults are a good first choice."
      above={
        <Breadcrumb>
          <BreadcrumbItem render={({ className }) => <Link className={className} to="../runs">Runs</Link>} />
          <BreadcrumbItem isActive>New run</BreadcrumbItem>
        </Breadcrumb>
      }
    >
      {failed && <Failure title="The form could not be loaded" error={failed.error} retry={() => failed.refetch()} />}
      {!ready && !failed && <LoadingRows text="Loading the form" />}
      {ready && versions.data.length === 0 && (
        <EmptyState titleText="Freeze a dataset version first" headingLevel="h2" icon={HistoryIcon}>
          <EmptyStateBody>
            A run names the exact images that it learns from. Freezing takes a moment and keeps them as they are now.
          </EmptyStateBody>
          <EmptyStateFooter>
            <Link to="../versions">Go to the dataset versions</Link>
          </EmptyStateFooter>
        </EmptyState>
      )}
      {ready && versions.data.length > 0 && (
        <NewRunForm
          project={project}
          versions={versions.data}
          recipes={recipes.data.filter((recipe) => recipe.task === project.task)}
          template={template.data}
          version={Number(search.get("version")) || undefined}
        />
      )}
    </Screen>
  );
}
