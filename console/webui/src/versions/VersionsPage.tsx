import {
  Alert,
  Button,
  EmptyState,
  EmptyStateActions,
  EmptyStateBody,
  EmptyStateFooter,
  Label,
} from "@patternfly/react-core";
import { HistoryIcon } from "@patternfly/react-icons";
import { ActionsColumn, Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { versionsQuery } from "../api/projects";
import type { DatasetVersion } from "../api/types";
import { RoleButton } from "../login/RoleButton";
import { useProject } from "../projects/ProjectScope";
import { Failure } from "../ui/Failure";
import { Screen } from "../ui/Screen";
import { count, Moment, number } from "../ui/format";
import { LoadingRows } from "../ui/loading";
import { DeleteDatasetVersion } from "./DeleteDatasetVersion";
import { Freeze } from "./Freeze";
import { splitTotal, SPLITS } from "./counts";

export function VersionsPage() {
  const project = useProject();
  const [search, setSearch] = useSearchParams();
  const versions = useQuery(versionsQuery(project.name));
  const freeze = (
    <RoleButton needs="ENGINEER" projectId={project.id} onClick={() => setSearch({ freeze: "" })}>
      Freeze a version
    </RoleButton>
  );
  const noImages = project.images === 0;
  const navigate = useNavigate();
  const [marked, setMarked] = useState<number[]>([]);
  const selected = marked.filter((number) => versions.data?.some((version) => version.number === number));
  const deleted = versions.data?.find((version) => String(version.number) === search.get("delete"));
  const close = () => setSearch({}, { replace: true });
  const compare = () => void navigate(`compare?from=${Math.min(...selected)}&to=${Math.max(...selected)}`);
  return (
    <Screen
      title="Dataset versions"
      of={project.name}
      lead="A version is an unchangeable list of images with their labels and splits. Every run and every comparison names one."
      actions={
        versions.data?.length ? (
          <>
            {versions.data.length > 1 && (
              <Button variant="secondary" isAriaDisabled={selected.length < 2} onClick={compare}>
                {selected.length < 2 ? "Select two versions to compare" : "Compare the two versions"}
              </Button>
            )}
            {freeze}
          </>
        ) : undefined
      }
    >
      {versions.isPending && <LoadingRows text="Loading dataset versions" />}
      {versions.isError && (
        <Failure title="The dataset versions could not be loaded" error={versions.error} retry={() => versions.refetch()} />
      )}
      {versions.data?.length === 0 && (
        <EmptyState titleText="No dataset version yet" headingLevel="h2" icon={HistoryIcon}>
          <EmptyStateBody>
            {noImages
              ? "Upload images first; then freeze them into the version that a model learns from."
              : "Freeze the images as they are now. You can go on changing the project; the version stays."}
          </EmptyStateBody>
          <EmptyStateFooter>
            <EmptyStateActions>{noImages ? <Link to="../images">Upload images</Link> : freeze}</EmptyStateActions>
          </EmptyStateFooter>
        </EmptyState>
      )}
      {versions.data && versions.data.length > 0 && (
        <VersionTable
          versions={versions.data}
          selected={selected}
          onSelect={setMarked}
          onDelete={(version) => setSearch({ delete: String(version.number) })}
        />
      )}
      {search.has("freeze") && <Freeze project={project} onClose={close} />}
      {deleted && (
        <DeleteDatasetVersion project={project.name} number={deleted.number} onDeleted={close} onClose={close} />
      )}
    </Screen>
  );
}

interface TableProps {
  versions: DatasetVersion[];
  selected: number[];
  onSelect: (selected: number[]) => void;
  onDelete: (version: DatasetVersion) => void;
}

function VersionTable({ versions, selected, onSelect, onDelete }: TableProps) {
  return (
    <Table variant="compact" aria-label="Dataset versions">
      <Thead>
        <Tr>
          {versions.length > 1 && <Th screenReaderText="Compare" />}
          <Th>Version</Th>
          {SPLITS.map((split) => (
            <Th key={split}>{split}</Th>
          ))}
          <Th>Warnings</Th>
          <Th width={30}>Note</Th>
          <Th>Frozen</Th>
          <Th screenReaderText="Actions" />
        </Tr>
      </Thead>
      <Tbody>
        {versions.map((version, index) => (
          <Tr key={version.number}>
            {versions.length > 1 && (
              <Td
                select={{
                  rowIndex: index,
                  isSelected: selected.includes(version.number),
                  // The third one replaces the first.
                  onSelect: (_, on) =>
                    onSelect(on ? [...selected, version.number].slice(-2) : selected.filter((one) => one !== version.number)),
                }}
              />
            )}
            <Td dataLabel="Version">
              <Link to={String(version.number)}>Version {version.number}</Link>
            </Td>
            {SPLITS.map((split) => (
              <Td key={split} dataLabel={split} className="number">
                {number(splitTotal(version, split))}
              </Td>
            ))}
            <Td dataLabel="Warnings">
              {version.warnings?.length ? (
                <Label status="warning" isCompact>
                  {count(version.warnings.length, "warning")}
                </Label>
              ) : (
                <span className="quiet">none</span>
              )}
            </Td>
            <Td dataLabel="Note">{version.note ?? <span className="quiet">–</span>}</Td>
            <Td dataLabel="Frozen">
              <Moment at={version.createdAt} />
            </Td>
            <Td isActionCell>
              <ActionsColumn items={[{ title: "Delete", onClick: () => onDelete(version) }]} />
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}

export function Warnings({ version }: { version: DatasetVersion }) {
  if (!version.warnings?.length) {
    return <Alert isInline isPlain variant="success" title="Nothing stands out: the version is good to train on." />;
  }
  return (
    <div className="stack">
      {version.warnings.map((warning) => (
        <Alert
          key={`${warning.code} ${warning.message}`}
          isInline
          variant="warning"
          title={sentence(warning.message)}
          component="p"
          actionLinks={warning.findings && <Link to={`../findings?kind=${warning.findings}`}>Show the findings</Link>}
        />
      ))}
    </div>
  );
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
