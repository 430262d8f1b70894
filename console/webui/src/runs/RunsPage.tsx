import { Button, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter, Switch } from "@patternfly/react-core";
import { CogsIcon, ColumnsIcon } from "@patternfly/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { isActive, MOST_RUNS, runsQuery } from "../api/runs";
import type { Run } from "../api/types";
import { RoleButton } from "../login/RoleButton";
import { useProject } from "../projects/ProjectScope";
import { Failure } from "../ui/Failure";
import { Screen } from "../ui/Screen";
import { count } from "../ui/format";
import { LoadingRows } from "../ui/loading";
import { withParameters } from "../ui/search";
import { ChooseColumns } from "./ChooseColumns";
import { DeleteRun } from "./DeleteRun";
import { RunTable } from "./RunTable";
import { columnsOf, orderOf, orderText, shownColumns } from "./columns";
import { useColumns } from "./useColumns";

/** Runs of a project. The columns, the order and the dialog that is open stand in the address. */
export function RunsPage() {
  const project = useProject();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const runs = useQuery(runsQuery(project.name, undefined, search.has("trials")));
  const [selected, setSelected] = useState<string[]>([]);
  const create = (
    <RoleButton needs="ENGINEER" projectId={project.id} onClick={() => navigate("new")}>
      New run
    </RoleButton>
  );
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
      {runs.data && runs.data.length > 0 && (
        <Runs runs={runs.data} task={project.task} selected={selected} onSelect={setSelected} />
      )}
    </Screen>
  );
}

interface RunsProps {
  runs: Run[];
  task: Run["task"];
  selected: string[];
  onSelect: (selected: string[]) => void;
}

function Runs({ runs, task, selected, onSelect }: RunsProps) {
  const [search, setSearch] = useSearchParams();
  const [keys, choose] = useColumns(task);
  const columns = columnsOf(runs, task);
  const setParameter = (name: string, value: string | undefined, replace = false) =>
    setSearch(withParameters({ [name]: value }), { replace });
  const deleted = runs.find((run) => run.id === search.get("delete") && !isActive(run));
  const close = () => setParameter("delete", undefined, true);
  return (
    <div className="stack">
      <div className="table-tools">
        <span className="quiet">
          {runs.length < MOST_RUNS ? count(runs.length, "run") : `The newest ${count(MOST_RUNS, "run")}`}
        </span>
        <Switch
          id="trials"
          label="Trials of searches"
          isChecked={search.has("trials")}
          onChange={(_, on) => setParameter("trials", on ? "" : undefined, true)}
        />
        <Button variant="link" icon={<ColumnsIcon />} onClick={() => setParameter("choose", "")}>
          Columns
        </Button>
      </div>
      <RunTable
        runs={runs}
        columns={shownColumns(columns, keys)}
        order={orderOf(search.get("sort"))}
        onOrder={(order) => setParameter("sort", orderText(order))}
        selected={selected}
        onSelect={onSelect}
        onDelete={(run) => setParameter("delete", run.id)}
      />
      {search.has("choose") && (
        <ChooseColumns
          columns={columns}
          shown={keys}
          onChoose={choose}
          onClose={() => setParameter("choose", undefined, true)}
        />
      )}
      {deleted && (
        <DeleteRun
          run={deleted}
          onDeleted={() => {
            onSelect(selected.filter((id) => id !== deleted.id));
            close();
          }}
          onClose={close}
        />
      )}
    </div>
  );
}
