import {
  Breadcrumb,
  BreadcrumbItem,
  Button,
  Card,
  CardBody,
  CardTitle,
  ClipboardCopy,
  DescriptionList,
  Grid,
  GridItem,
} from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "react-router";
import { versionQuery } from "../api/projects";
import type { DatasetVersion } from "../api/types";
import { useProject } from "../projects/ProjectScope";
import { Fact } from "../runs/RunFacts";
import { Failure } from "../ui/Failure";
import { Screen } from "../ui/Screen";
import { Moment, number } from "../ui/format";
import { LoadingRows } from "../ui/loading";
import { Warnings } from "./VersionsPage";
import { splitTotal, SPLITS } from "./counts";

export function VersionPage() {
  const project = useProject();
  const navigate = useNavigate();
  const wanted = useParams().number!;
  const version = useQuery(versionQuery(project.name, Number(wanted)));
  return (
    <Screen
      title={`Version ${wanted}`}
      of={project.name}
      lead={version.data?.note}
      above={
        <Breadcrumb>
          <BreadcrumbItem render={({ className }) => <Link className={className} to="../versions">Dataset versions</Link>} />
          <BreadcrumbItem isActive>Version {wanted}</BreadcrumbItem>
        </Breadcrumb>
      }
      actions={
        version.data && (
          <>
            {version.data.number > 1 && (
              <Button variant="secondary" onClick={() => navigate(`../versions/compare?to=${wanted}`)}>
                What changed
              </Button>
            )}
            <Button onClick={() => navigate(`../runs/new?version=${wanted}`)}>Train on this version</Button>
          </>
        )
      }
    >
      {version.isPending && <LoadingRows text="Loading the version" />}
      {version.isError && (
        <Failure title="The version could not be loaded" error={version.error} retry={() => version.refetch()} />
      )}
      {version.data && (
        <Grid hasGutter>
          <GridItem span={12}>
            <Warnings version={version.data} />
          </GridItem>
          <GridItem lg={7} span={12}>
            <Card isFullHeight>
              <CardTitle component="h2">Images</CardTitle>
              <CardBody>
                <Counts version={version.data} />
              </CardBody>
            </Card>
          </GridItem>
          <GridItem lg={5} span={12}>
            <Card isFullHeight>
              <CardTitle component="h2">Details</CardTitle>
              <CardBody>
                <DescriptionList isHorizontal isCompact isFluid termWidth="8rem">
                  <Fact term="Frozen">
                    <Moment at={version.data.createdAt} />
                  </Fact>
                  <Fact term="Seed">{version.data.seed}</Fact>
                  <Fact term="Digest">
                    <Digest value={version.data.digest} />
                  </Fact>
                  <Fact term="TEST digest">
                    <Digest value={version.data.testDigest} />
                    <div className="quiet metric-help">Models are comparable when it is the same.</div>
                  </Fact>
                </DescriptionList>
              </CardBody>
            </Card>
          </GridItem>
        </Grid>
      )}
    </Screen>
  );
}

function Digest({ value }: { value: string }) {
  return (
    <ClipboardCopy isReadOnly isCode variant="inline-compact" hoverTip="Copy" clickTip="Copied" truncation>
      {value}
    </ClipboardCopy>
  );
}

function Counts({ version }: { version: DatasetVersion }) {
  return (
    <Table variant="compact" borders={false} aria-label="Images by label and split">
      <Thead>
        <Tr>
          <Th width={40}>Label</Th>
          {SPLITS.map((split) => (
            <Th key={split}>{split}</Th>
          ))}
        </Tr>
      </Thead>
      <Tbody>
        {version.classes.map((label) => (
          <Tr key={label}>
            <Td dataLabel="Label">{label}</Td>
            {SPLITS.map((split) => (
              <Td key={split} dataLabel={split} className="number">
                {number(version.counts?.[split]?.[label] ?? 0)}
              </Td>
            ))}
          </Tr>
        ))}
        <Tr>
          <Td dataLabel="Label">
            <strong>All</strong>
          </Td>
          {SPLITS.map((split) => (
            <Td key={split} dataLabel={split} className="number">
              <strong>{number(splitTotal(version, split))}</strong>
            </Td>
          ))}
        </Tr>
      </Tbody>
    </Table>
  );
}
