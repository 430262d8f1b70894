import { Button, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter, Label } from "@patternfly/react-core";
import { CogsIcon } from "@patternfly/react-icons";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { runsQuery } from "../api/resources";
import type { Run } from "../api/types";
import { useProject } from "../projects/ProjectScope";
import { Failure } from "../ui/Failure";
import { Screen } from "../ui/Screen";
import { duration, metric, Moment } from "../ui/format";
import { LoadingRows } from "../ui/loading";
import { StateLabel } from "./StateLabel";
import { mainMetric, metricWords } from "./metrics";
import { RunProgressText } from "./RunProgressText";

const MOST_COMPARED = 20;

export function RunsPage() {
  const project = useProject();
  const navigate = useNavigate();
  const runs = useQuery(runsQuery(project.name));
  const [selected, setSelected] = useState<string[]>([]);
  const create = <Button onClick={() => navigate("new")}>New run</Button>;
  return (
    <Screen
      title="Runs"
      of={project.name}
      lead="A run trains a model on a dataset version and measures it on the TEST images."
      actions={
        runs.data?.length ? (
          <>
            {runs.data.length > 1 && (
              <Button
                variant="secondary"
                isAriaDisabled={selected.length < 2}
                onClick={() => navigate(`compare?ids=${selected.join(",")}`)}
              >
                {selected.length < 2 ? "Select runs to compare" : `Compare ${selected.length} runs`}
              </Button>
            )}
            {create}
          </>
        ) : undefined
      }
    >
      {runs.isPending && <LoadingRows text="Loading runs" />}
      {runs.isError && <Failure title="The runs could not be loaded" error={runs.error} retry={() => runs.refetch()} />}
      {runs.data?.length === 0 && (
        <EmptyState titleText="No runs yet" headingLevel="h2" icon={CogsIcon}>
          <EmptyStateBody>Start one when a dataset version is frozen. The defaults are a good first choice.</EmptyStateBody>
          <EmptyStateFooter>
            <EmptyStateActions>{create}</EmptyStateActions>
          </EmptyStateFooter>
        </EmptyState>
      )}
      {runs.data && runs.data.length > 0 && <RunTable runs={runs.data} task={project.task} selected={selected} onSelect={setSelected} />}
    </Screen>
  );
}

interface TableProps {
  runs: Run[];
  task: Run["task"];
  selected: string[];
  onSelect: (selected: string[]) => void;
}

function RunTable({ runs, task, selected, onSelect }: TableProps) {
  const main = mainMetric(task);
  return (
    <Table variant="compact" aria-label="Runs" gridBreakPoint="grid-lg">
      <Thead>
        <Tr>
          <Th screenReaderText="Compare" />
          <Th width={20}>Run</Th>
          <Th width={25}>State</Th>
          <Th>Dataset</Th>
          <Th>Seed</Th>
          <Th>{metricWords(main).name}</Th>
          <Th modifier="nowrap">Training time</Th>
          <Th>Started</Th>
        </Tr>
      </Thead>
      <Tbody>
        {runs.map((run, index) => (
          <Tr key={run.id}>
            <Td
              select={{
                rowIndex: index,
                isSelected: selected.includes(run.id),
                isDisabled: !selected.includes(run.id) && selected.length >= MOST_COMPARED,
                onSelect: (_, on) => onSelect(on ? [...selected, run.id] : selected.filter((id) => id !== run.id)),
              }}
            />
            <Td dataLabel="Run">
              <Link to={run.id}>
                {run.recipe.name} {run.id.slice(-6)}
              </Link>{" "}
              {!run.register && (
                <Label isCompact variant="outline">
                  measures only
                </Label>
              )}
            </Td>
            <Td dataLabel="State">
              <StateLabel state={run.state} />
              <RunProgressText run={run} />
            </Td>
            <Td dataLabel="Dataset" modifier="nowrap">
              <Link to={`../versions/${run.datasetVersion}`}>Version {run.datasetVersion}</Link>
            </Td>
            <Td dataLabel="Seed" className="number">
              {run.seed}
            </Td>
            <Td dataLabel={metricWords(main).name} className="number">
              {metric(run.metrics?.[main])}
            </Td>
            <Td dataLabel="Training time" className="number" modifier="nowrap">
              {run.trainSeconds === undefined || run.trainSeconds === null ? "–" : duration(run.trainSeconds)}
            </Td>
            <Td dataLabel="Started">
              <Moment at={run.startedAt ?? run.createdAt} />
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
