import { Button, Card, CardBody, CardHeader, CardTitle, Content, Grid, GridItem } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useSearchParams } from "react-router";
import { backbonesQuery, runsQuery } from "../api/runs";
import { Failure } from "../ui/Failure";
import { Screen } from "../ui/Screen";
import { bytes, Moment } from "../ui/format";
import { LoadingRows } from "../ui/loading";
import { ImportBackbone } from "./ImportBackbone";
import { Services } from "./Services";
import { Quotas } from "./Quotas";

export function SystemPage() {
  const [search, setSearch] = useSearchParams();
  return (
    <Screen title="System" lead="What runs, what waits, and what all projects share.">
      <Grid hasGutter>
        <GridItem lg={6} span={12}>
          <Services />
        </GridItem>
        <GridItem lg={6} span={12}>
          <Quotas />
        </GridItem>
        <GridItem span={12}>
          <Queue />
        </GridItem>
        <GridItem span={12}>
          <Backbones onImport={() => setSearch({ import: "" })} />
        </GridItem>
      </Grid>
      {search.has("import") && <ImportBackbone onClose={() => setSearch({}, { replace: true })} />}
    </Screen>
  );
}

function Queue() {
  const runs = useQuery(runsQuery(undefined, "QUEUED"));
  return (
    <Section title="Queue" query={runs} what="The queue">
      {runs.data?.length === 0 && <Quiet>No run waits.</Quiet>}
      {runs.data && runs.data.length > 0 && (
        <Table variant="compact" borders={false} aria-label="Waiting runs">
          <Thead>
            <Tr>
              <Th>Place</Th>
              <Th>Run</Th>
              <Th>Project</Th>
              <Th>Priority</Th>
              <Th width={40}>Why it waits</Th>
              <Th>Expected start</Th>
            </Tr>
          </Thead>
          <Tbody>
            {runs.data
              .toSorted((a, b) => (a.queue?.position ?? 0) - (b.queue?.position ?? 0))
              .map((run) => (
                <Tr key={run.id}>
                  <Td dataLabel="Place">{run.queue?.position ?? "–"}</Td>
                  <Td dataLabel="Run">
                    <Link to={`/projects/${encodeURIComponent(run.project)}/runs/${run.id}`}>
                      {run.recipe.name} {run.id.slice(-6)}
                    </Link>
                  </Td>
                  <Td dataLabel="Project">{run.project}</Td>
                  <Td dataLabel="Priority">{run.priority}</Td>
                  <Td dataLabel="Why it waits">{run.queue?.reason ?? run.reason}</Td>
                  <Td dataLabel="Expected start">
                    <Moment at={run.queue?.estimatedStart} />
                  </Td>
                </Tr>
              ))}
          </Tbody>
        </Table>
      )}
    </Section>
  );
}

function Backbones({ onImport }: { onImport: () => void }) {
  const backbones = useQuery(backbonesQuery);
  return (
    <Section
      title="Backbones"
      query={backbones}
      what="The backbones"
      action={
        <Button variant="secondary" onClick={onImport}>
          Import
        </Button>
      }
    >
      <Table variant="compact" borders={false} aria-label="Backbones">
        <Thead>
          <Tr>
            <Th>Name</Th>
            <Th width={40}>Feature maps</Th>
            <Th>Size</Th>
            <Th>Imported</Th>
          </Tr>
        </Thead>
        <Tbody>
          {backbones.data?.map((backbone) => (
            <Tr key={backbone.name}>
              <Td dataLabel="Name">{backbone.name}</Td>
              <Td dataLabel="Feature maps">
                {backbone.featureMaps?.map((map) => `stride ${map.stride}: ${map.channels} channels`).join(", ") || "–"}
              </Td>
              <Td dataLabel="Size">{backbone.sha256 && backbone.size ? bytes(backbone.size) : "built in"}</Td>
              <Td dataLabel="Imported">
                <Moment at={backbone.createdAt} />
              </Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
    </Section>
  );
}

interface Query {
  isPending: boolean;
  isError: boolean;
  error: unknown;
  refetch: () => unknown;
}

interface SectionProps {
  title: string;
  query: Query;
  /** Subject of the sentence that says that it could not be loaded. */
  what: string;
  action?: ReactNode;
  children: ReactNode;
}

/** A card that shows what a query loads. */
export function Section({ title, query, what, action, children }: SectionProps) {
  return (
    <Card isFullHeight>
      <CardHeader actions={action ? { actions: action, hasNoOffset: true } : undefined}>
        <CardTitle component="h2">{title}</CardTitle>
      </CardHeader>
      <CardBody>
        {query.isPending && <LoadingRows text={`Loading: ${title}`} rows={3} />}
        {query.isError && <Failure title={`${what} could not be loaded`} error={query.error} retry={() => query.refetch()} />}
        {!query.isPending && !query.isError && children}
      </CardBody>
    </Card>
  );
}

export function Quiet({ children }: { children: ReactNode }) {
  return (
    <Content component="p" className="quiet">
      {children}
    </Content>
  );
}
