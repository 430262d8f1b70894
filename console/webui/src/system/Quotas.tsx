import { Button } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { quotasQuery } from "../api/runs";
import { EditQuota } from "./EditQuota";
import { Quiet, Section } from "./SystemPage";

/** What projects may have at the same time. The quota that is edited stands in the address. */
export function Quotas() {
  const quotas = useQuery(quotasQuery);
  const [search, setSearch] = useSearchParams();
  const edited = search.get("quota");
  const set = (
    <Button variant="secondary" onClick={() => setSearch({ quota: "" })}>
      Set a quota
    </Button>
  );
  return (
    <Section title="Quotas" query={quotas} what="The quotas" action={set}>
      {quotas.data?.length === 0 && <Quiet>No project has a quota: all may use all trainers, with the same weight.</Quiet>}
      {quotas.data && quotas.data.length > 0 && (
        <Table variant="compact" borders={false} aria-label="Quotas">
          <Thead>
            <Tr>
              <Th>Project</Th>
              <Th modifier="wrap">Runs at a time</Th>
              <Th>GPUs</Th>
              <Th>Weight</Th>
              <Th screenReaderText="Actions" />
            </Tr>
          </Thead>
          <Tbody>
            {quotas.data.map((quota) => (
              <Tr key={quota.project}>
                <Td dataLabel="Project">{quota.project}</Td>
                <Td dataLabel="Runs at a time" modifier="nowrap">{quota.maxRuns ?? "no limit"}</Td>
                <Td dataLabel="GPUs" modifier="nowrap">{quota.maxGpus ?? "no limit"}</Td>
                <Td dataLabel="Weight">{quota.weight}</Td>
                <Td>
                  <Button
                    variant="link"
                    isInline
                    aria-label={`Change the quota of ${quota.project}`}
                    onClick={() => setSearch({ quota: quota.project })}
                  >
                    Change
                  </Button>
                </Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
      )}
      {edited !== null && quotas.data && (
        <EditQuota key={edited} project={edited} quotas={quotas.data} onClose={() => setSearch({}, { replace: true })} />
      )}
    </Section>
  );
}
