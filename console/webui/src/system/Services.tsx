import { Label } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useQuery } from "@tanstack/react-query";
import { ask } from "../api/client";
import { unreachable } from "../api/problem";
import { Section } from "./SystemPage";

/** What the gateway itself answers. */
interface Health {
  version: string;
  items: { name: string; state: "READY" | "NOT_READY" | "UNREACHABLE" }[];
}

const STATES = {
  READY: ["Ready", "success"],
  NOT_READY: ["Not ready", "warning"],
  UNREACHABLE: ["Not reachable", "danger"],
} as const;

async function health(signal: AbortSignal): Promise<Health> {
  const response = await fetch("/api/v1/services", { signal }).catch(() => {
    throw unreachable();
  });
  const body: unknown = await response.json().catch(() => undefined);
  return ask(Promise.resolve({ response, data: body as Health, error: body }));
}

export function Services() {
  const services = useQuery({
    queryKey: ["services"],
    queryFn: ({ signal }) => health(signal),
    refetchInterval: 10_000,
  });
  return (
    <Section title="Services" query={services} what="The state of the services">
      <Table variant="compact" borders={false} aria-label="Services">
        <Thead>
          <Tr>
            <Th>Service</Th>
            <Th>State</Th>
          </Tr>
        </Thead>
        <Tbody>
          {services.data?.items.map(({ name, state }) => (
            <Tr key={name}>
              <Td dataLabel="Service">{name}</Td>
              <Td dataLabel="State">
                <Label status={STATES[state][1]} isCompact>
                  {STATES[state][0]}
                </Label>
              </Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
      <p className="quiet">Loupe {services.data?.version}</p>
    </Section>
  );
}
