import { Alert, Checkbox, Content } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, inference } from "../api/client";
import { ApiError } from "../api/problem";
import type { AliasMove, ModelVersion } from "../api/types";
import { metricWords, sortedMetrics } from "../runs/metrics";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/TextField";
import { metric } from "../ui/format";
import { notify } from "../ui/notices";

interface Props {
  project: string;
  version: ModelVersion;
  versions: ModelVersion[];
  aliases: AliasMove[];
  onClose: () => void;
}

/** Points an alias at a version, with what the gate compares in view. */
export function Promote({ project, version, versions, aliases, onClose }: Props) {
  const [alias, setAlias] = useState("production");
  const [reason, setReason] = useState("");
  const [force, setForce] = useState(false);
  const queries = useQueryClient();
  const current = aliases.find((move) => move.alias === alias);
  const holder = versions.find((other) => other.number === current?.version);
  const promote = useMutation({
    mutationFn: () =>
      ask(
        inference.PUT("/api/v1/models/{project}/aliases/{alias}", {
          params: { path: { project, alias } },
          body: {
            version: version.number,
            expectedGeneration: current?.generation ?? 0,
            force,
            reason: reason.trim(),
          },
        }),
      ) as Promise<AliasMove>,
    onSuccess: (move) => {
      notify(`${move.alias} points at version ${move.version}.`);
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["models", project] }),
  });
  const refused = promote.error instanceof ApiError && promote.error.code.startsWith("GATE_");
  const wrongAlias = /^[a-z0-9][a-z0-9._-]{0,62}$/.test(alias) ? undefined : "Use small letters, digits, and . _ -";
  return (
    <Dialog
      title={`Promote version ${version.number}`}
      submit="Promote"
      wide
      incomplete={!reason.trim() || Boolean(wrongAlias)}
      busy={promote.isPending}
      error={promote.error}
      onSubmit={() => promote.mutate()}
      onClose={onClose}
    >
      <TextField
        label="Alias"
        value={alias}
        onChange={setAlias}
        wrong={wrongAlias}
        required
        help={current ? `It points at version ${current.version} now.` : "It does not exist yet, and is made."}
      />
      {holder && holder.number === version.number && (
        <Alert isInline variant="info" title={`${alias} points at this version already.`} />
      )}
      <Evidence version={version} holder={holder} />
      <TextField label="Reason" value={reason} onChange={setReason} required lines={2} maxLength={1000} help="It stays in the history, with your name." />
      {(refused || force) && (
        <Checkbox
          id="force"
          label="Promote although the quality check did not pass"
          description="The history says that the check was overridden, and why."
          isChecked={force}
          onChange={(_, checked) => setForce(checked)}
        />
      )}
    </Dialog>
  );
}

function Evidence({ version, holder }: { version: ModelVersion; holder?: ModelVersion }) {
  if (!holder) {
    return <Content component="p">There is no version to compare with, so the quality check passes.</Content>;
  }
  const comparable = holder.testDigest === version.testDigest;
  return (
    <>
      <Table variant="compact" borders={false} aria-label="Metrics of both versions">
        <Thead>
          <Tr>
            <Th width={40}>On the TEST images</Th>
            <Th>Version {version.number}</Th>
            <Th>Version {holder.number} (now)</Th>
          </Tr>
        </Thead>
        <Tbody>
          {sortedMetrics(version.metrics ?? {}).map(([key, value]) => (
            <Tr key={key}>
              <Td dataLabel="Metric">{metricWords(key).name}</Td>
              <Td dataLabel={`Version ${version.number}`} className="number">
                {metric(value)}
              </Td>
              <Td dataLabel={`Version ${holder.number}`} className="number">
                {metric(holder.metrics?.[key])}
              </Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
      {!comparable && (
        <Alert
          isInline
          variant="warning"
          title="They were measured on different TEST images"
        >
          The quality check can't compare them. Train both on one dataset version to compare them.
        </Alert>
      )}
    </>
  );
}
