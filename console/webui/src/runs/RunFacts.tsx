import {
  Card,
  CardBody,
  CardTitle,
  ClipboardCopy,
  DescriptionList,
  DescriptionListDescription,
  DescriptionListGroup,
  DescriptionListTerm,
} from "@patternfly/react-core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Run } from "../api/types";
import { metric, Moment } from "../ui/format";
import { parameterLabel } from "./parameters";

/** What was asked for, and when what happened. */
export function RunFacts({ run }: { run: Run }) {
  return (
    <Card>
      <CardTitle component="h2">Details</CardTitle>
      <CardBody>
        <DescriptionList isHorizontal isCompact isFluid termWidth="9rem">
          <Fact term="Dataset version">
            <Link to={`../versions/${run.datasetVersion}`}>Version {run.datasetVersion}</Link>
          </Fact>
          {run.kind === "EVALUATION" && run.model && (
            <Fact term="Evaluates">
              <Link to={`../runs/${run.model.run}`}>
                {run.model.version ? `Model version ${run.model.version}` : `The model of run ${run.model.run?.slice(-6)}`}
              </Link>
            </Fact>
          )}
          {run.extendedModel && (
            <>
              <Fact term="Extends">
                <Link to={`../runs/${run.extendedModel.run}`}>The model of run {run.extendedModel.run?.slice(-6)}</Link>
              </Fact>
              <Fact term="Extended by">
                {run.extendedModel.images} normal images of{" "}
                <Link to={`../versions/${run.extendedModel.imagesVersion}`}>version {run.extendedModel.imagesVersion}</Link>
              </Fact>
            </>
          )}
          <Fact term="Recipe">{run.recipe.name}</Fact>
          {Object.entries(run.recipe.parameters ?? {}).map(([name, value]) => (
            <Fact key={name} term={parameterLabel(name)}>
              {String(value)}
            </Fact>
          ))}
          {run.search && (
            <Fact term="Search">
              <Link to={`../searches/${run.search}`}>
                {run.devOnly ? "A trial of" : "The final run of"} {run.search.slice(-6)}
              </Link>
            </Fact>
          )}
          {run.devOnly &&
            Object.entries(run.devMetrics ?? {}).map(([name, value]) => (
              <Fact key={name} term={`${parameterLabel(name)} on DEV`}>
                {metric(value as number)}
              </Fact>
            ))}
          <Fact term="Seed">{run.seed}</Fact>
          <Fact term="Priority">{run.priority}</Fact>
          <Fact term="Attempt">
            {run.attempt || "–"}
            {run.resumedFrom && " (resumed from a checkpoint)"}
          </Fact>
          <Fact term="Submitted">
            <Moment at={run.createdAt} />
          </Fact>
          <Fact term="Started">
            <Moment at={run.startedAt} />
          </Fact>
          <Fact term="Ended">
            <Moment at={run.finishedAt} />
          </Fact>
          <Fact term="Id">
            <ClipboardCopy isReadOnly isCode variant="inline-compact" hoverTip="Copy" clickTip="Copied">
              {run.id}
            </ClipboardCopy>
          </Fact>
        </DescriptionList>
      </CardBody>
    </Card>
  );
}

export function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <DescriptionListGroup>
      <DescriptionListTerm>{term}</DescriptionListTerm>
      <DescriptionListDescription>{children}</DescriptionListDescription>
    </DescriptionListGroup>
  );
}
