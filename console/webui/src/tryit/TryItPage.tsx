import {
  Alert,
  ClipboardCopy,
  EmptyState,
  EmptyStateBody,
  EmptyStateFooter,
  FormGroup,
  FormSelect,
  FormSelectOption,
  Title,
} from "@patternfly/react-core";
import { CameraIcon } from "@patternfly/react-icons";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { aliasesQuery, modelVersionsQuery } from "../api/resources";
import { useProject } from "../projects/ProjectScope";
import { Failure } from "../ui/Failure";
import { Screen } from "../ui/Screen";
import { LoadingRows } from "../ui/loading";
import { snippets } from "./snippets";

/** How to ask a model. The version that is chosen stands in the address. */
export function TryItPage() {
  const project = useProject();
  const [search, setSearch] = useSearchParams();
  const versions = useQuery(modelVersionsQuery(project.name));
  const aliases = useQuery(aliasesQuery(project.name));
  const ready = versions.data?.filter((version) => version.state === "READY") ?? [];
  const production = aliases.data?.find((move) => move.alias === "production");
  const chosen = search.get("version") ?? (production ? "" : String(ready[0]?.number ?? ""));
  return (
    <Screen title="Try it" of={project.name} lead="Ask the model about an image, from a terminal or from your own program.">
      {versions.isPending && <LoadingRows text="Loading models" />}
      {versions.isError && (
        <Failure title="The models could not be loaded" error={versions.error} retry={() => versions.refetch()} />
      )}
      {versions.isSuccess && ready.length === 0 && (
        <EmptyState titleText="No model to ask yet" headingLevel="h2" icon={CameraIcon}>
          <EmptyStateBody>Train a model first; as soon as it is ready, it answers here.</EmptyStateBody>
          <EmptyStateFooter>
            <Link to="../runs/new">Start a run</Link>
          </EmptyStateFooter>
        </EmptyState>
      )}
      {ready.length > 0 && (
        <div className="stack-large measure-wide">
          {!production && (
            <Alert isInline variant="info" title="No version is in production">
              Clients must name a version until one is <Link to="../models">promoted</Link>.
            </Alert>
          )}
          <FormGroup label="Version" fieldId="version">
            <FormSelect
              id="version"
              value={chosen}
              onChange={(_, version) => setSearch(version ? { version } : {}, { replace: true })}
            >
              {production && <FormSelectOption value="" label={`production (version ${production.version} now)`} />}
              {ready.map(({ number }) => (
                <FormSelectOption key={number} value={String(number)} label={`version ${number}`} />
              ))}
            </FormSelect>
          </FormGroup>
          {snippets(project.name, project.task, chosen).map(({ title, text }) => (
            <section key={title} className="stack">
              <Title headingLevel="h2" size="md">
                {title}
              </Title>
              <ClipboardCopy isReadOnly isCode isExpanded variant="expansion" hoverTip="Copy" clickTip="Copied" textAriaLabel={title}>
                {text}
              </ClipboardCopy>
            </section>
          ))}
        </div>
      )}
    </Screen>
  );
}
