import { Alert, Button, Content, EmptyState, EmptyStateBody, ToggleGroup, ToggleGroupItem } from "@patternfly/react-core";
import { CheckCircleIcon } from "@patternfly/react-icons";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { findingsQuery } from "../api/projects";
import type { FindingKind, FindingPage, FindingState } from "../api/types";
import { useProject } from "../projects/ProjectScope";
import { Failure } from "../ui/Failure";
import { Screen } from "../ui/Screen";
import { count, number } from "../ui/format";
import { LoadingRows } from "../ui/loading";
import { withParameters } from "../ui/search";
import { FindingCard } from "./FindingCard";
import { KIND_NAMES, kindOf, KINDS, stateOf, STATES } from "./kinds";
import "./findings.css";

/** What stands out in the images of a project: ?state=DISMISSED, and with &kind= findings of this kind only. */
export function FindingsPage() {
  const project = useProject();
  const [search, setSearch] = useSearchParams();
  const state = stateOf(search.get("state"));
  const kind = kindOf(search.get("kind"));
  const findings = useInfiniteQuery(findingsQuery(project.name, state, kind));
  const pages = findings.data?.pages ?? [];
  const first = pages.at(0);
  const show = (chosen: { state?: FindingState; kind?: FindingKind }) =>
    setSearch(withParameters({ state: chosen.state === "OPEN" ? undefined : chosen.state, kind: chosen.kind }));
  return (
    <Screen
      title="Findings"
      of={project.name}
      lead="What stands out in the images and may degrade a model or its evaluation. A freeze warns of open findings."
    >
      <div className="stack">
        {findings.isError && (
          <Failure title="The findings could not be loaded" error={findings.error} retry={() => findings.refetch()} />
        )}
        {findings.isPending && <LoadingRows text="Searching the images" />}
        {first && (
          <>
            <States page={first} state={state} kind={kind} onChoose={(chosen) => show({ state: chosen, kind })} />
            <Kinds page={first} state={state} kind={kind} onChoose={(chosen) => show({ state, kind: chosen })} />
            {first.unmeasured > 0 && (
              <Alert isInline variant="info" title={`${count(first.unmeasured, "image")} not measured yet`} component="p">
                Images that were uploaded before are measured in the background.
              </Alert>
            )}
            {kind && (
              <Content component="p" className="quiet">
                {KINDS[kind].help}
              </Content>
            )}
            {first.items.length === 0 && <Nothing state={state} images={project.images} />}
            <ul className="findings" aria-label="Findings">
              {pages.flatMap((page) => page.items).map((finding) => (
                <FindingCard key={finding.id} project={project.name} finding={finding} />
              ))}
            </ul>
            {findings.hasNextPage && (
              <div>
                <Button variant="secondary" onClick={() => findings.fetchNextPage()} isLoading={findings.isFetchingNextPage}>
                  Show more of {count(first.total, "finding")}
                </Button>
              </div>
            )}
          </>
        )}
      </div>
    </Screen>
  );
}

interface ChoiceProps<T> {
  page: FindingPage;
  state: FindingState;
  kind?: FindingKind;
  onChoose: (chosen: T) => void;
}

function States({ page, state, kind, onChoose }: ChoiceProps<FindingState>) {
  const counted = page.counts.filter((one) => !kind || one.kind === kind);
  return (
    <ToggleGroup aria-label="Which state">
      {STATES.map((one) => (
        <ToggleGroupItem
          key={one.state}
          text={`${one.text} ${number(counted.reduce((sum, findings) => sum + findings[one.count], 0))}`}
          isSelected={one.state === state}
          onChange={() => onChoose(one.state)}
        />
      ))}
    </ToggleGroup>
  );
}

/** Kinds that have findings in this state. */
function Kinds({ page, state, kind, onChoose }: ChoiceProps<FindingKind | undefined>) {
  const { count: of } = STATES.find((one) => one.state === state)!;
  const findings = (one: FindingKind) => page.counts.find((counted) => counted.kind === one)?.[of] ?? 0;
  const shown = KIND_NAMES.filter((one) => findings(one) > 0 || one === kind);
  if (shown.length === 0) {
    return null;
  }
  return (
    <ToggleGroup aria-label="Which kind" className="finding-kinds">
      <ToggleGroupItem text="All kinds" isSelected={!kind} onChange={() => onChoose(undefined)} />
      {shown.map((one) => (
        <ToggleGroupItem
          key={one}
          text={`${KINDS[one].name} ${number(findings(one))}`}
          isSelected={one === kind}
          onChange={() => onChoose(one)}
        />
      ))}
    </ToggleGroup>
  );
}

function Nothing({ state, images }: { state: FindingState; images: number }) {
  const text = state === "OPEN" ? "Nothing stands out" : `No finding is ${state.toLowerCase()}`;
  return (
    <EmptyState titleText={text} headingLevel="h2" icon={CheckCircleIcon}>
      <EmptyStateBody>
        {images === 0 ? "Upload images first." : "The images are searched when you open this page and they have changed."}
      </EmptyStateBody>
    </EmptyState>
  );
}
