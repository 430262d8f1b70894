import { Button, Card, CardBody, CardHeader, CardTitle } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useQuery } from "@tanstack/react-query";
import { aliasHistoryQuery } from "../api/models";
import type { AliasMove, ModelVersion } from "../api/types";
import { Failure } from "../ui/Failure";
import { Moment } from "../ui/format";
import { LoadingRows } from "../ui/loading";
import { Canary } from "./Canary";
import { gateText } from "./gate";

interface Props {
  project: string;
  aliases: AliasMove[];
  versions: ModelVersion[];
  onRollBack: (alias: string) => void;
  onPromote: (version: number, alias: string) => void;
  onShare: (alias: string) => void;
  onRollout: (alias: string) => void;
  onAbort: (alias: string) => void;
}

/** Each alias with all of its moves. */
export function Aliases({ project, aliases, versions, onRollBack, onPromote, onShare, onRollout, onAbort }: Props) {
  return aliases.map((move) => (
    <Card key={move.alias}>
      <CardHeader
        actions={{
          hasNoOffset: true,
          actions: (
            <Button
              variant="secondary"
              isDisabled={!move.previousVersion}
              onClick={() => onRollBack(move.alias)}
              aria-label={`Roll back ${move.alias}`}
            >
              Roll back
            </Button>
          ),
        }}
      >
        <CardTitle component="h2">
          {move.alias} points at version {move.version}
        </CardTitle>
      </CardHeader>
      <CardBody>
        <Canary
          project={project}
          move={move}
          versions={versions}
          onPromote={(version) => onPromote(version, move.alias)}
          onShare={() => onShare(move.alias)}
          onRollout={() => onRollout(move.alias)}
          onAbort={() => onAbort(move.alias)}
        />
        <History project={project} alias={move.alias} />
      </CardBody>
    </Card>
  ));
}

function History({ project, alias }: { project: string; alias: string }) {
  const history = useQuery(aliasHistoryQuery(project, alias));
  if (history.isError) {
    return <Failure title="The history could not be loaded" error={history.error} retry={() => history.refetch()} />;
  }
  if (!history.data) {
    return <LoadingRows text="Loading the history" rows={2} />;
  }
  return (
    <Table variant="compact" borders={false} aria-label={`History of ${alias}`}>
      <Thead>
        <Tr>
          <Th>Move</Th>
          <Th width={35}>Quality check</Th>
          <Th width={25}>Reason</Th>
          <Th>By</Th>
          <Th>When</Th>
        </Tr>
      </Thead>
      <Tbody>
        {history.data.map((move) => (
          <Tr key={move.generation}>
            <Td dataLabel="Move">
              {move.kind === "ROLLBACK" ? "Rolled back" : "Promoted"} to version {move.version}
            </Td>
            <Td dataLabel="Quality check">
              {gateText(move.gate)}
              {move.gateDetail && <div className="quiet metric-help">{move.gateDetail}</div>}
            </Td>
            <Td dataLabel="Reason">{move.reason ?? <span className="quiet">–</span>}</Td>
            <Td dataLabel="By">
              {move.actor}
              {move.approvedBy && <div className="quiet">approved by {move.approvedBy}</div>}
            </Td>
            <Td dataLabel="When">
              <Moment at={move.movedAt} />
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
