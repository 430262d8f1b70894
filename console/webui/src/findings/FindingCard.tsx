import { Button, Label } from "@patternfly/react-core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { ask, dataset, idempotencyKey } from "../api/client";
import { messageOf } from "../api/problem";
import { findingQuery } from "../api/projects";
import type { Finding, FindingImage, FindingState } from "../api/types";
import { thumbnail } from "../images/urls";
import { count, Moment } from "../ui/format";
import { notify } from "../ui/notices";
import { KINDS } from "./kinds";

const SEVERITIES = {
  HIGH: { text: "High", status: "danger" },
  MEDIUM: { text: "Medium", status: "warning" },
  LOW: { text: "Low", status: "info" },
} as const;

/** A finding with its images side by side, and what can be decided on it. */
export function FindingCard({ project, finding }: { project: string; finding: Finding }) {
  const [all, setAll] = useState(false);
  const whole = useQuery({ ...findingQuery(project, finding.id), enabled: all });
  const images = whole.data?.images ?? finding.images;
  const { text, status } = SEVERITIES[finding.severity];
  return (
    <li className="finding" aria-label={finding.message}>
      <div className="finding-head">
        <Label status={status} isCompact>
          {text}
        </Label>
        <span className="quiet">{KINDS[finding.kind].name}</span>
        <strong className="finding-message">{finding.message}</strong>
        {finding.kind === "LIKELY_WRONG_LABEL" && finding.state === "OPEN" ? (
          <LabelChoice project={project} finding={finding} />
        ) : (
          <Decisions project={project} finding={finding} />
        )}
      </div>
      {finding.decidedBy && (
        <p className="quiet">
          {finding.state === "ACCEPTED" ? "Accepted" : "Dismissed"} by {finding.decidedBy}, <Moment at={finding.decidedAt} />
          {finding.reason && `: ${finding.reason}`}
        </p>
      )}
      {images.length > 0 && (
        <ul className="finding-images" aria-label="Images of the finding">
          {images.map((image) => (
            <FindingTile key={image.sha256} project={project} image={image} />
          ))}
        </ul>
      )}
      <div className="finding-more">
        {finding.imageCount > images.length && !whole.data && (
          <Button variant="link" isInline onClick={() => setAll(true)} isLoading={whole.isFetching}>
            Show all {count(finding.imageCount, "image")}
          </Button>
        )}
        {finding.run && <Link to={`../runs/${finding.run}`}>Show the run</Link>}
        {finding.label && finding.kind !== "LIKELY_WRONG_LABEL" && (
          <Link to={`../images?label=${encodeURIComponent(finding.label)}${finding.split ? `&split=${finding.split}` : ""}`}>
            Show the images
          </Link>
        )}
      </div>
    </li>
  );
}

/** The image, with a link to where it is labelled, moved and deleted. */
function FindingTile({ project, image }: { project: string; image: FindingImage }) {
  const queries = useQueryClient();
  const path = { project, sha256: image.sha256 };
  const changed = () => queries.invalidateQueries({ queryKey: ["projects", project] });
  const restore = useMutation({
    mutationFn: () => ask(dataset.POST("/api/v1/projects/{project}/images/{sha256}/restore", { params: { path } })),
    onSuccess: changed,
    onError: (error) => notify(messageOf(error), "danger"),
  });
  const remove = useMutation({
    mutationFn: () => ask(dataset.DELETE("/api/v1/projects/{project}/images/{sha256}", { params: { path } })),
    onSuccess: async () => {
      notify(`${image.name} is deleted.`, "success", { text: "Undo", run: () => restore.mutate() });
      await changed();
    },
    onError: (error) => notify(messageOf(error), "danger"),
  });
  return (
    <li className="finding-image">
      <Link to={`../images?image=${image.sha256}`} aria-label={`Open ${image.name}`}>
        <img src={thumbnail(project, image.sha256)} alt="" loading="lazy" decoding="async" />
      </Link>
      <span className="finding-name" title={image.name}>
        {image.name}
      </span>
      <span className="quiet finding-name">
        {[image.label ?? "no label", image.defect, image.split ?? "no split"].filter(Boolean).join(" · ")}
      </span>
      <span className="quiet">
        {image.width} x {image.height}
      </span>
      <Button
        variant="link"
        isInline
        isDanger
        isLoading={remove.isPending}
        onClick={() => remove.mutate()}
        aria-label={`Delete ${image.name}`}
      >
        Delete
      </Button>
    </li>
  );
}

/** Of an image whose label is probably wrong: the likelier label, or its own. */
function LabelChoice({ project, finding }: { project: string; finding: Finding }) {
  const queries = useQueryClient();
  const sha256 = finding.images.at(0)?.sha256 ?? "";
  const decide = useDecision(project, finding);
  const relabel = useMutation({
    mutationFn: (label: string) =>
      ask(
        dataset.PATCH("/api/v1/projects/{project}/images/{sha256}", {
          params: { path: { project, sha256 } },
          body: { label },
        }),
      ),
    onSuccess: async (_, label) => {
      const undo = finding.label;
      notify(
        `The label is ${label}.`,
        "success",
        undo && undo !== label ? { text: "Undo", run: () => relabel.mutate(undo) } : undefined,
      );
      await queries.invalidateQueries({ queryKey: ["projects", project] });
    },
    onError: (error) => notify(messageOf(error), "danger"),
  });
  const likely = finding.likelyLabel;
  const name = finding.images.at(0)?.name ?? "";
  const busy = relabel.isPending || decide.isPending;
  return (
    <span className="finding-decisions">
      {likely && sha256 && (
        <Button
          variant="primary"
          size="sm"
          isDisabled={busy}
          aria-label={`Set label to ${likely}: ${name}`}
          onClick={() => relabel.mutate(likely)}
        >
          Set label to {likely}
        </Button>
      )}
      <Button
        variant="secondary"
        size="sm"
        isDisabled={busy}
        aria-label={`Keep label ${finding.label}: ${name}`}
        onClick={() => decide.mutate("DISMISSED")}
      >
        Keep label {finding.label}
      </Button>
    </span>
  );
}

/** Decides on a finding, with a way back. */
function useDecision(project: string, finding: Finding) {
  const queries = useQueryClient();
  const decide = useMutation({
    mutationFn: (state: FindingState) => {
      const call = {
        params: { path: { project, finding: finding.id }, header: { "Idempotency-Key": idempotencyKey() } },
        body: {},
      };
      return ask(
        state === "ACCEPTED"
          ? dataset.POST("/api/v1/projects/{project}/findings/{finding}/accept", call)
          : state === "DISMISSED"
            ? dataset.POST("/api/v1/projects/{project}/findings/{finding}/dismiss", call)
            : dataset.POST("/api/v1/projects/{project}/findings/{finding}/reopen", call),
      );
    },
    onSuccess: async (_, state) => {
      if (state === "OPEN") {
        notify("The finding is open again.");
      } else {
        notify(state === "ACCEPTED" ? "The finding is accepted." : "The finding is dismissed.", "success", {
          text: "Undo",
          run: () => decide.mutate("OPEN"),
        });
      }
      await queries.invalidateQueries({ queryKey: ["projects", project, "findings"] });
    },
    onError: (error) => notify(messageOf(error), "danger"),
  });
  return decide;
}

/** Accept, dismiss, or back. */
function Decisions({ project, finding }: { project: string; finding: Finding }) {
  const decide = useDecision(project, finding);
  const choice = (state: FindingState, text: string) => (
    <Button
      variant="secondary"
      size="sm"
      isDisabled={decide.isPending}
      aria-label={`${text}: ${finding.message}`}
      onClick={() => decide.mutate(state)}
    >
      {text}
    </Button>
  );
  return (
    <span className="finding-decisions">
      {finding.state === "OPEN" ? (
        <>
          {choice("ACCEPTED", "Accept")}
          {choice("DISMISSED", "Dismiss")}
        </>
      ) : (
        choice("OPEN", "Reopen")
      )}
    </span>
  );
}
