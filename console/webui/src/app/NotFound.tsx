import { EmptyState, EmptyStateBody, EmptyStateFooter, PageSection } from "@patternfly/react-core";
import { SearchIcon } from "@patternfly/react-icons";
import { Link } from "react-router";
import { useTitle } from "../ui/useTitle";

export function NotFound() {
  useTitle("Page not found");
  return (
    <PageSection>
      <EmptyState titleText="There is no such page" headingLevel="h1" icon={SearchIcon}>
        <EmptyStateBody>The address may be mistyped, or what it showed may be deleted.</EmptyStateBody>
        <EmptyStateFooter>
          <Link to="/projects">Go to the projects</Link>
        </EmptyStateFooter>
      </EmptyState>
    </PageSection>
  );
}
