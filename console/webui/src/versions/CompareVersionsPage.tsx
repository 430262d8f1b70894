import {
  Alert,
  Breadcrumb,
  BreadcrumbItem,
  Button,
  Content,
  FormSelect,
  FormSelectOption,
  ToggleGroup,
  ToggleGroupItem,
} from "@patternfly/react-core";
import { ArrowRightIcon } from "@patternfly/react-icons";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { versionChangesQuery, versionsQuery } from "../api/projects";
import type { DatasetVersion, VersionChange, VersionChangeKind, VersionChangePage } from "../api/types";
import { thumbnail } from "../images/urls";
import { useProject } from "../projects/ProjectScope";
import "../evaluation/results.css";
import { Failure } from "../ui/Failure";
import { Screen } from "../ui/Screen";
import { count, number } from "../ui/format";
import { LoadingBlock, LoadingRows } from "../ui/loading";
import { KINDS, kindOf, linesOf } from "./changes";
import "./versions.css";

/** What differs in a version from another one: ?from=1&to=2, and with &kind= only the images that differ in this way. */
export function CompareVersionsPage() {
  const project = useProject();
  const versions = useQuery(versionsQuery(project.name));
  return (
    <Screen
      title="Compare versions"
      of={project.name}
      above={
        <Breadcrumb>
          <BreadcrumbItem render={({ className }) => <Link className={className} to="../versions">Dataset versions</Link>} />
          <BreadcrumbItem isActive>Compare</BreadcrumbItem>
        </Breadcrumb>
      }
    >
      {versions.isPending && <LoadingRows text="Loading dataset versions" />}
      {versions.isError && (
        <Failure title="The dataset versions could not be loaded" error={versions.error} retry={() => versions.refetch()} />
      )}
      {versions.data && versions.data.length < 2 && (
        <Alert isInline variant="info" title="Freeze a second version to compare it with the first one." />
      )}
      {versions.data && versions.data.length > 1 && <Comparison project={project.name} versions={versions.data} />}
    </Screen>
  );
}

function Comparison({ project, versions }: { project: string; versions: DatasetVersion[] }) {
  const [search, setSearch] = useSearchParams();
  // By default what the newest version changed.
  const to = Number(search.get("to")) || versions[0].number;
  const from = Number(search.get("from")) || (versions.find((version) => version.number < to) ?? versions[0]).number;
  const kind = kindOf(search.get("kind"));
  const changes = useInfiniteQuery(versionChangesQuery(project, from, to, kind));
  const pages = changes.data?.pages ?? [];
  const show = (next: { from?: number; to?: number; kind?: VersionChangeKind }) =>
    setSearch({ from: String(next.from ?? from), to: String(next.to ?? to), ...(next.kind && { kind: next.kind }) });
  return (
    <div className="stack">
      <div className="version-pair">
        <VersionChoice label="From" versions={versions} value={from} onChange={(chosen) => show({ from: chosen })} />
        <ArrowRightIcon className="quiet" aria-hidden />
        <VersionChoice label="To" versions={versions} value={to} onChange={(chosen) => show({ to: chosen })} />
        <Button variant="link" onClick={() => show({ from: to, to: from, kind })}>
          Swap
        </Button>
      </div>
      {changes.isError && (
        <Failure title="The versions could not be compared" error={changes.error} retry={() => changes.refetch()} />
      )}
      {changes.isPending && <LoadingBlock text="Comparing" />}
      {pages.length > 0 && (
        <>
          <Summary page={pages[0]} kind={kind} onChoose={(chosen) => show({ kind: chosen })} />
          <ul className="results" aria-label="Images that differ">
            {pages.flatMap((page) => page.items).map((change) => (
              <Tile key={change.sha256} project={project} change={change} />
            ))}
          </ul>
          {changes.hasNextPage && (
            <div>
              <Button variant="secondary" onClick={() => changes.fetchNextPage()} isLoading={changes.isFetchingNextPage}>
                Show more of {count(pages[0].total, "image")}
              </Button>
            </div>
          )}
        </>
      )}
    </div>
  );
}

interface ChoiceProps {
  label: string;
  versions: DatasetVersion[];
  value: number;
  onChange: (version: number) => void;
}

function VersionChoice({ label, versions, value, onChange }: ChoiceProps) {
  return (
    <FormSelect aria-label={label} value={value} onChange={(_, chosen) => onChange(Number(chosen))} className="version-choice">
      {versions.map((version) => (
        <FormSelectOption
          key={version.number}
          value={version.number}
          label={`Version ${version.number}${version.note ? `: ${version.note}` : ""}`}
        />
      ))}
    </FormSelect>
  );
}

interface SummaryProps {
  page: VersionChangePage;
  kind?: VersionChangeKind;
  onChoose: (kind?: VersionChangeKind) => void;
}

/** How many images differ in each way; a click selects them. */
function Summary({ page, kind, onChoose }: SummaryProps) {
  const kinds = (Object.keys(KINDS) as VersionChangeKind[]).filter((one) => page.counts[one] || one === kind);
  if (kinds.length === 0) {
    return <Alert isInline variant="success" title={`No image differs: all ${number(page.unchanged)} are the same.`} />;
  }
  return (
    <>
      {!page.sameTestImages && (
        <Alert isInline variant="warning" title="The TEST images differ">
          Metrics of a model that was trained on the one version can&apos;t be compared with those of a model of the other.
        </Alert>
      )}
      <ToggleGroup aria-label="Which images" className="version-kinds">
        <ToggleGroupItem text="All that differ" isSelected={!kind} onChange={() => onChoose()} />
        {kinds.map((one) => (
          <ToggleGroupItem
            key={one}
            text={`${KINDS[one]} ${number(page.counts[one] ?? 0)}`}
            isSelected={kind === one}
            onChange={() => onChoose(one)}
          />
        ))}
      </ToggleGroup>
      <Content component="p" className="quiet">
        {count(page.total, "image")} shown; {number(page.unchanged)} are the same in both versions.
      </Content>
    </>
  );
}

function Tile({ project, change }: { project: string; change: VersionChange }) {
  const { sha256, name, kinds, inProject } = change;
  const image = <img src={thumbnail(project, sha256)} alt="" loading="lazy" decoding="async" />;
  return (
    <li className="result">
      {inProject ? (
        <Link to={`../images?image=${sha256}`} className="result-image" aria-label={`Open ${name}`}>
          {image}
        </Link>
      ) : (
        <div className="result-image">{image}</div>
      )}
      <span className="result-name" title={name}>
        {name}
      </span>
      <span className="quiet">{kinds.map((kind) => KINDS[kind].toLowerCase()).join(", ")}</span>
      {!inProject && <span className="quiet">no longer in the project</span>}
      {linesOf(change).map((line) => (
        <span key={line}>{line}</span>
      ))}
    </li>
  );
}
