import {
  Card,
  CardBody,
  CardHeader,
  CardTitle,
  DescriptionList,
  DescriptionListDescription,
  DescriptionListGroup,
  DescriptionListTerm,
  Label,
  Skeleton,
} from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { limitsQuery } from "../api/access";
import { aliasesQuery } from "../api/models";
import { projectQuery } from "../api/projects";
import { runsQuery } from "../api/runs";
import type { Project, ProjectLimits } from "../api/types";
import { Menu } from "../ui/Menu";
import { bytes, count, number } from "../ui/format";
import { StateLabel } from "../runs/StateLabel";
import { taskName } from "./task";

interface Props {
  project: Project;
  onRename: () => void;
  onDelete: () => void;
}

export function ProjectCard({ project, onRename, onDelete }: Props) {
  const path = `/projects/${encodeURIComponent(project.name)}`;
  const details = useQuery(projectQuery(project.name)).data;
  const aliases = useQuery(aliasesQuery(project.name));
  const runs = useQuery(runsQuery(project.name));
  const limits = useQuery(limitsQuery(project.name)).data;
  const production = aliases.data?.find((move) => move.alias === "production");
  const last = runs.data?.[0];
  return (
    <Card component="li" className="project-card">
      <CardHeader
        actions={{
          actions: (
            <Menu
              label={`Actions for ${project.name}`}
              items={[
                { text: "Rename", onSelect: onRename },
                { text: "Delete", onSelect: onDelete, danger: true },
              ]}
            />
          ),
        }}
      >
        <CardTitle component="h2" className="project-name">
          <Link to={path}>{project.name}</Link>
        </CardTitle>
      </CardHeader>
      <CardBody>
        <DescriptionList isHorizontal isCompact isFluid termWidth="7rem">
          <Row term="Task">{taskName(project.task)}</Row>
          {project.itemKind && <Row term="Shows">{project.itemKind}</Row>}
          <Row term="Images">
            {details ? (
              <>
                {count(details.images, "image")}
                {details.unlabelled > 0 && <span className="quiet"> · {details.unlabelled} without a label</span>}
              </>
            ) : (
              <Skeleton width="6rem" screenreaderText="Counting" />
            )}
          </Row>
          {limits && <Row term="Uses">{usage(limits)}</Row>}
          <Row term="In production">
            {aliases.isPending ? (
              <Skeleton width="6rem" screenreaderText="Loading" />
            ) : production ? (
              <Link to={`${path}/models`}>Version {production.version}</Link>
            ) : (
              <span className="quiet">no model</span>
            )}
          </Row>
          <Row term="Last run">
            {runs.isPending ? (
              <Skeleton width="6rem" screenreaderText="Loading" />
            ) : last ? (
              <Link to={`${path}/runs/${last.id}`} aria-label={`Last run of ${project.name}: ${last.state.toLowerCase()}`}>
                <StateLabel state={last.state} />
              </Link>
            ) : (
              <span className="quiet">none</span>
            )}
          </Row>
        </DescriptionList>
      </CardBody>
    </Card>
  );
}

function usage({ images, maxImages, bytes: used, maxBytes, requestsPerSecond }: ProjectLimits) {
  return [
    maxImages !== undefined && `${number(images)} of ${count(maxImages, "image")}`,
    maxBytes === undefined ? bytes(used) : `${bytes(used)} of ${bytes(maxBytes)}`,
    requestsPerSecond !== undefined && `at most ${number(requestsPerSecond)} requests a second`,
  ]
    .filter(Boolean)
    .join(" · ");
}

function Row({ term, children }: { term: string; children: ReactNode }) {
  return (
    <DescriptionListGroup>
      <DescriptionListTerm>{term}</DescriptionListTerm>
      <DescriptionListDescription>{children}</DescriptionListDescription>
    </DescriptionListGroup>
  );
}

export function TaskLabel({ task }: { task: Project["task"] }) {
  return <Label variant="outline">{taskName(task)}</Label>;
}
