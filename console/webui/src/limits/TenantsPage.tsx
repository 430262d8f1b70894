import { EmptyState, EmptyStateBody } from "@patternfly/react-core";
import { BuildingIcon } from "@patternfly/react-icons";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { ask, dataset } from "../api/client";
import { callerQuery, tenantsQuery } from "../api/access";
import type { Tenant } from "../api/types";
import { operates } from "../login/role";
import { Failure } from "../ui/Failure";
import { bytes, number } from "../ui/format";
import { LoadingRows } from "../ui/loading";
import { Menu } from "../ui/Menu";
import { Screen } from "../ui/Screen";
import { SetLimits } from "./SetLimits";
import { SetTenantQuota } from "./SetTenantQuota";
import { Used } from "./Used";

/** What each tenant uses and may use, for who operates the installation. The dialog that is open stands in the address. */
export function TenantsPage() {
  const caller = useQuery(callerQuery).data;
  const allowed = operates(caller);
  const tenants = useQuery({ ...tenantsQuery, enabled: Boolean(caller) && allowed });
  const [search, setSearch] = useSearchParams();
  const named = (dialog: string) => tenants.data?.find(({ name }) => name === search.get(dialog));
  const limited = named("limit");
  const quoted = named("quota");
  const close = () => setSearch({}, { replace: true });
  return (
    <Screen title="Tenants" lead="What all projects of each tenant use together, and what they may use.">
      {!allowed && (
        <EmptyState titleText="Only operators see the tenants" headingLevel="h2" icon={BuildingIcon}>
          <EmptyStateBody>You are no administrator of all projects of the tenant default.</EmptyStateBody>
        </EmptyState>
      )}
      {allowed && tenants.isPending && <LoadingRows text="Loading tenants" />}
      {allowed && tenants.isError && (
        <Failure title="The tenants could not be loaded" error={tenants.error} retry={() => tenants.refetch()} />
      )}
      {tenants.data?.length === 0 && (
        <EmptyState titleText="No tenants yet" headingLevel="h2" icon={BuildingIcon}>
          <EmptyStateBody>A tenant is here with its first project, API token or limit.</EmptyStateBody>
        </EmptyState>
      )}
      {tenants.data && tenants.data.length > 0 && (
        <TenantTable
          tenants={tenants.data}
          onLimit={({ name }) => setSearch({ limit: name })}
          onQuota={({ name }) => setSearch({ quota: name })}
        />
      )}
      {limited && (
        <SetLimits
          of={limited.name}
          description="For all projects and all callers of the tenant together, beside the limits of each. An empty field: there is no limit."
          limits={limited}
          save={(body) =>
            ask(dataset.PUT("/api/v1/tenants/{tenant}/limits", { params: { path: { tenant: limited.name } }, body }))
          }
          shownBy={tenantsQuery}
          onClose={close}
        />
      )}
      {quoted && <SetTenantQuota tenant={quoted.name} onClose={close} />}
    </Screen>
  );
}

interface Rows {
  tenants: Tenant[];
  onLimit: (tenant: Tenant) => void;
  onQuota: (tenant: Tenant) => void;
}

function TenantTable({ tenants, onLimit, onQuota }: Rows) {
  return (
    <Table variant="compact" aria-label="Tenants">
      <Thead>
        <Tr>
          <Th>Name</Th>
          <Th>Projects</Th>
          <Th>Tokens</Th>
          <Th>Images</Th>
          <Th>Bytes of the images</Th>
          <Th modifier="wrap">Requests in a second</Th>
          <Th screenReaderText="Actions" />
        </Tr>
      </Thead>
      <Tbody>
        {tenants.map((tenant) => (
          <Tr key={tenant.name}>
            <Td dataLabel="Name">{tenant.name}</Td>
            <Td dataLabel="Projects">{number(tenant.projects)}</Td>
            <Td dataLabel="Tokens">{number(tenant.tokens)}</Td>
            <Td dataLabel="Images">
              <Used used={tenant.images} limit={tenant.maxImages} text={number} name={`Images of ${tenant.name}`} />
            </Td>
            <Td dataLabel="Bytes of the images">
              <Used used={tenant.bytes} limit={tenant.maxBytes} text={bytes} name={`Bytes of the images of ${tenant.name}`} />
            </Td>
            <Td dataLabel="Requests in a second">
              {tenant.requestsPerSecond === undefined ? "no limit" : `at most ${number(tenant.requestsPerSecond)}`}
            </Td>
            <Td isActionCell>
              <Menu
                label={`Actions on ${tenant.name}`}
                items={[
                  { text: "Limits", onSelect: () => onLimit(tenant) },
                  { text: "Quota of runs and GPUs", onSelect: () => onQuota(tenant) },
                ]}
              />
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
