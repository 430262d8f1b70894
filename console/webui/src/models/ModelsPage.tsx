import { Alert, Button, EmptyState, EmptyStateBody, EmptyStateFooter, Label, LabelGroup } from "@patternfly/react-core";
import { CubeIcon } from "@patternfly/react-icons";
import { ActionsColumn, Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearchParams } from "react-router";
import { callerQuery } from "../api/access";
import { aliasesQuery, approvalRequestsQuery, canaryQuery, modelVersionsQuery, policyQuery } from "../api/models";
import { runsQuery } from "../api/runs";
import type { AliasMove, ModelVersion, Run } from "../api/types";
import { may } from "../login/role";
import { useProject } from "../projects/ProjectScope";
import { mainMetric, metricWords } from "../runs/metrics";
import { Failure } from "../ui/Failure";
import { Screen } from "../ui/Screen";
import { count, metric, Moment } from "../ui/format";
import { LoadingRows } from "../ui/loading";
import { Aliases } from "./Aliases";
import { ApprovalRequests, Decide } from "./ApprovalRequests";
import { AbortCanary, ShareRequests } from "./Canary";
import { DeleteVersion } from "./DeleteVersion";
import { DescribeVersion } from "./DescribeVersion";
import { EvaluateVersion } from "./EvaluateVersion";
import { ExtendVersion } from "./ExtendVersion";
import { ImportModel } from "./ImportModel";
import { PolicyForm } from "./PolicyForm";
import { Promote } from "./Promote";
import { QuantizationDialog } from "./QuantizationDialog";
import { RollBack } from "./RollBack";
import { StartRollout } from "./Rollout";
import { ServingLabel } from "./ServingLabel";
import { usePin } from "./usePin";

/** Model versions of a project, and the aliases that point at them. The dialog that is open stands in the address. */
export function ModelsPage() {
  const project = useProject();
  const [search, setSearch] = useSearchParams();
  const versions = useQuery(modelVersionsQuery(project.name));
  const aliases = useQuery(aliasesQuery(project.name));
  const close = () => setSearch({}, { replace: true });
  const promoted = versions.data?.find((version) => String(version.number) === search.get("promote"));
  const deleted = versions.data?.find((version) => String(version.number) === search.get("delete"));
  const described = versions.data?.find((version) => String(version.number) === search.get("describe"));
  const extended = versions.data?.find((version) => String(version.number) === search.get("extend"));
  const evaluated = versions.data?.find((version) => String(version.number) === search.get("evaluate"));
  const quantized = versions.data?.find((version) => String(version.number) === search.get("quantization"));
  const rolledBack = aliases.data?.find((move) => move.alias === search.get("rollback"));
  const shared = aliases.data?.find((move) => move.alias === (search.get("canary") ?? search.get("rollout") ?? search.get("abort")));
  const canary = useQuery({ ...canaryQuery(project.name, shared?.alias ?? ""), enabled: Boolean(shared) });
  const known = Boolean(versions.data?.length);
  const policy = useQuery({ ...policyQuery(project.name), enabled: known && search.has("policy") });
  const requests = useQuery({ ...approvalRequestsQuery(project.name), enabled: known });
  const decision = search.has("approve") ? "approve" : "reject";
  const decided = requests.data?.find((request) => String(request.number) === search.get(decision));
  const importButton = project.task === "CLASSIFICATION" && (
    <Button variant="secondary" onClick={() => setSearch({ import: "" })}>
      Import a model
    </Button>
  );
  const pin = usePin(project.name);
  const failed = [versions, aliases].find((query) => query.isError);
  return (
    <Screen
      title="Models"
      of={project.name}
      lead="Each run that succeeds makes a version. Clients that name no version get the one that production points at."
    >
      {failed && <Failure title="The models could not be loaded" error={failed.error} retry={() => failed.refetch()} />}
      {(versions.isPending || aliases.isPending) && !failed && <LoadingRows text="Loading models" />}
      {versions.data?.length === 0 && (
        <EmptyState titleText="No model yet" headingLevel="h2" icon={CubeIcon}>
          <EmptyStateBody>A model version appears here when a run has succeeded.</EmptyStateBody>
          <EmptyStateFooter>
            <Link to="../runs">Go to the runs</Link>
            {importButton && <div>{importButton}</div>}
          </EmptyStateFooter>
        </EmptyState>
      )}
      {versions.data && versions.data.length > 0 && aliases.data && (
        <div className="stack-large">
          {!aliases.data.some((move) => move.alias === "production") && (
            <Alert isInline variant="info" title="No version is in production yet">
              Promote one below. Until then, clients must name the version that they want.
            </Alert>
          )}
          <ApprovalRequests
            project={project.name}
            onDecide={(request, verb) => setSearch({ [verb]: String(request.number) })}
          />
          <div>
            <Button variant="secondary" onClick={() => setSearch({ policy: "" })}>
              Promotion policy
            </Button>{" "}
            {importButton}
          </div>
          <VersionTable
            versions={versions.data}
            aliases={aliases.data}
            onPromote={(version) => setSearch({ promote: String(version.number) })}
            onDescribe={(version) => setSearch({ describe: String(version.number) })}
            onExtend={(version) => setSearch({ extend: String(version.number) })}
            onEvaluate={(version) => setSearch({ evaluate: String(version.number) })}
            onQuantization={(version) => setSearch({ quantization: String(version.number) })}
            onPin={pin.mutate}
            onDelete={(version) => setSearch({ delete: String(version.number) })}
          />
          {aliases.data.length > 0 && (
            <Aliases
              project={project.name}
              aliases={aliases.data}
              versions={versions.data}
              onRollBack={(alias) => setSearch({ rollback: alias })}
              onPromote={(version, alias) => setSearch({ promote: String(version), alias })}
              onShare={(alias) => setSearch({ canary: alias })}
              onRollout={(alias) => setSearch({ rollout: alias })}
              onAbort={(alias) => setSearch({ abort: alias })}
            />
          )}
        </div>
      )}
      {promoted && aliases.data && (
        <Promote
          project={project.name}
          version={promoted}
          alias={search.get("alias") ?? "production"}
          aliases={aliases.data}
          onClose={close}
        />
      )}
      {policy.data && search.has("policy") && (
        <PolicyForm key={policy.data.revision} project={project.name} state={policy.data} onClose={close} />
      )}
      {decided && <Decide project={project.name} request={decided} decision={decision} onClose={close} />}
      {described && <DescribeVersion project={project.name} version={described} onClose={close} />}
      {search.has("import") && <ImportModel project={project.name} onClose={close} />}
      {extended && <ExtendVersion project={project.name} version={extended} onClose={close} />}
      {evaluated && <EvaluateVersion version={evaluated} on={Number(search.get("on")) || undefined} onClose={close} />}
      {quantized && <QuantizationDialog project={project.name} version={quantized} onClose={close} />}
      {deleted && <DeleteVersion project={project.name} version={deleted} onClose={close} />}
      {shared && search.has("canary") && versions.data && canary.data !== undefined && (
        <ShareRequests project={project.name} move={shared} last={canary.data} versions={versions.data} onClose={close} />
      )}
      {shared && search.has("rollout") && versions.data && canary.data !== undefined && (
        <StartRollout project={project.name} move={shared} last={canary.data} versions={versions.data} onClose={close} />
      )}
      {shared && search.has("abort") && canary.data?.active && (
        <AbortCanary project={project.name} move={shared} last={canary.data} onClose={close} />
      )}
      {rolledBack && <RollBack project={project.name} move={rolledBack} onClose={close} />}
    </Screen>
  );
}

interface TableProps {
  versions: ModelVersion[];
  aliases: AliasMove[];
  onPromote: (version: ModelVersion) => void;
  onDescribe: (version: ModelVersion) => void;
  onExtend: (version: ModelVersion) => void;
  onEvaluate: (version: ModelVersion) => void;
  onQuantization: (version: ModelVersion) => void;
  onPin: (version: ModelVersion) => void;
  onDelete: (version: ModelVersion) => void;
}

function VersionTable(props: TableProps) {
  const { versions, aliases, onPromote, onDescribe, onExtend, onEvaluate, onQuantization, onPin, onDelete } = props;
  const project = useProject();
  const caller = useQuery(callerQuery).data;
  const navigate = useNavigate();
  const runs = useQuery({ ...runsQuery(project.name, undefined, false), refetchInterval: false }).data;
  const main = mainMetric(versions[0].task);
  const inProduction = aliases.find((move) => move.alias === "production")?.version;
  const production = versions.find((version) => version.number === inProduction);
  return (
    <Table variant="compact" aria-label="Model versions">
      <Thead>
        <Tr>
          <Th>Version</Th>
          <Th>Aliases</Th>
          <Th>Serving</Th>
          <Th>{metricWords(main).name}</Th>
          <Th>Recipe</Th>
          <Th>Trained on</Th>
          <Th>Made</Th>
          <Th screenReaderText="Actions" />
        </Tr>
      </Thead>
      <Tbody>
        {versions.map((version) => (
          <Tr key={version.number}>
            <Td dataLabel="Version">
              <Link to={`../runs/${version.runId}`}>Version {version.number}</Link>
              <WarningsLabel run={runs?.find((run) => run.id === version.runId)} />
              {version.owner && <span className="quiet"> ({version.owner})</span>}
              {version.description && <div className="quiet">{version.description}</div>}
              {(version.tags?.length ?? 0) > 0 && <div className="quiet">{version.tags!.join(", ")}</div>}
            </Td>
            <Td dataLabel="Aliases">
              <AliasLabels names={aliases.filter((move) => move.version === version.number).map((move) => move.alias)} />
            </Td>
            <Td dataLabel="Serving">
              <ServingLabel version={version} />
            </Td>
            <Td dataLabel={metricWords(main).name} className="number">
              {metric(version.metrics?.[main])}
            </Td>
            <Td dataLabel="Recipe">
              {version.recipe} {version.backbone && <span className="quiet">({version.backbone})</span>}
            </Td>
            <Td dataLabel="Trained on">
              <Link to={`../versions/${version.datasetVersion}`}>Dataset version {version.datasetVersion}</Link>
              {version.origin === "IMPORTED" && <span className="quiet"> (evaluated only)</span>}
            </Td>
            <Td dataLabel="Made">
              <Moment at={version.createdAt} />
            </Td>
            <Td isActionCell>
              <ActionsColumn
                items={[
                  { title: "Promote", onClick: () => onPromote(version), isDisabled: version.state !== "READY" },
                  {
                    title: "Compare with production",
                    onClick: () => void navigate(`../runs/compare?ids=${version.runId},${production!.runId}`),
                    isDisabled: !production || production === version,
                  },
                  {
                    title: "Evaluate",
                    onClick: () => onEvaluate(version),
                    isDisabled: !may(caller, "ENGINEER", project.id),
                  },
                  ...(version.task === "ANOMALY_DETECTION"
                    ? [{ title: "Threshold", onClick: () => void navigate(`${version.number}/threshold`) }]
                    : []),
                  ...(version.recipe === "patchcore"
                    ? [{ title: "Learn from false alarms", onClick: () => onExtend(version) }]
                    : []),
                  { title: "Describe", onClick: () => onDescribe(version) },
                  { title: version.pinned ? "Unpin" : "Pin in memory", onClick: () => onPin(version) },
                  { title: "8-bit integers", onClick: () => onQuantization(version) },
                  { title: "Delete", onClick: () => onDelete(version) },
                ]}
              />
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}

function AliasLabels({ names }: { names: string[] }) {
  return names.length === 0 ? (
    <span className="quiet">–</span>
  ) : (
    <LabelGroup aria-label="Aliases">
      {names.map((name) => (
        <Label key={name} color={name === "production" ? "green" : "blue"} isCompact>
          {name}
        </Label>
      ))}
    </LabelGroup>
  );
}

/** How many warnings the model has; the page of its run shows them. */
function WarningsLabel({ run }: { run?: Run }) {
  return run?.warnings?.length ? (
    <>
      {" "}
      <Label status="warning" variant="outline" isCompact title={run.warnings.join("\n")}>
        {count(run.warnings.length, "warning")}
      </Label>
    </>
  ) : null;
}
