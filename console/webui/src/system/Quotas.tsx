import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useQuery } from "@tanstack/react-query";
import { ask, training } from "../api/client";
import { Quiet, Section } from "./SystemPage";

interface Quota {
  project: string;
  maxRuns?: number;
  maxGpus?: number;
  weight: number;
}

export function Quotas() {
  const quotas = useQuery({
    queryKey: ["quotas"],
    queryFn: async ({ signal }) => {
      const list = (await ask(training.GET("/api/v1/quotas", { signal }))) as unknown as { items: Quota[] };
      return list.items;
    },
  });
  return (
    <Section title="Quotas" query={quotas} what="The quotas">
      {quotas.data?.length === 0 && <Quiet>No project has a quota: all may use all trainers, with the same weight.</Quiet>}
      {quotas.data && quotas.data.length > 0 && (
        <Table variant="compact" borders={false} aria-label="Quotas">
          <Thead>
            <Tr>
              <Th>Project</Th>
              <Th>Runs at a time</Th>
              <Th>GPUs</Th>
              <Th>Weight</Th>
            </Tr>
          </Thead>
          <Tbody>
            {quotas.data.map((quota) => (
              <Tr key={quota.project}>
                <Td dataLabel="Project">{quota.project}</Td>
                <Td dataLabel="Runs at a time">{quota.maxRuns ?? "no limit"}</Td>
                <Td dataLabel="GPUs">{quota.maxGpus ?? "no limit"}</Td>
                <Td dataLabel="Weight">{quota.weight}</Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
      )}
    </Section>
  );
}
