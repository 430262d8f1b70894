import {
  DescriptionList,
  DescriptionListDescription,
  DescriptionListGroup,
  DescriptionListTerm,
} from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useSearchParams } from "react-router";
import { ask, dataset } from "../api/client";
import { limitsQuery } from "../api/access";
import { RoleButton } from "../login/RoleButton";
import { useProject } from "../projects/ProjectScope";
import { Failure } from "../ui/Failure";
import { Screen } from "../ui/Screen";
import { bytes, number } from "../ui/format";
import { LoadingRows } from "../ui/loading";
import { SetLimits } from "./SetLimits";
import { Used } from "./Used";

/** What a project may use, and what it uses. The dialog that is open stands in the address. */
export function LimitsPage() {
  const project = useProject();
  const limits = useQuery(limitsQuery(project.name));
  const [search, setSearch] = useSearchParams();
  return (
    <Screen
      title="Limits"
      of={project.name}
      lead="What this project may use, and what it uses. Runs and GPUs have quotas in the queue."
      actions={
        <RoleButton needs="ADMIN" shared onClick={() => setSearch({ set: "" })}>
          Change the limits
        </RoleButton>
      }
    >
      {limits.isPending && <LoadingRows text="Loading limits" />}
      {limits.isError && (
        <Failure title="The limits could not be loaded" error={limits.error} retry={() => limits.refetch()} />
      )}
      {limits.data && (
        <DescriptionList isHorizontal termWidth="12rem">
          <Row term="Images">
            <Used used={limits.data.images} limit={limits.data.maxImages} text={number} name="Images" />
          </Row>
          <Row term="Bytes of the images">
            <Used used={limits.data.bytes} limit={limits.data.maxBytes} text={bytes} name="Bytes of the images" />
          </Row>
          <Row term="Requests in a second">
            {limits.data.requestsPerSecond === undefined
              ? "no limit"
              : `at most ${number(limits.data.requestsPerSecond)} to each replica of a service`}
          </Row>
        </DescriptionList>
      )}
      {search.has("set") && limits.data && (
        <SetLimits
          of={project.name}
          description="What you save is set for this project, also when a default changes. An empty field: the default of the configuration counts."
          limits={limits.data}
          save={(body) =>
            ask(dataset.PUT("/api/v1/projects/{project}/limits", { params: { path: { project: project.name } }, body }))
          }
          shownBy={limitsQuery(project.name)}
          onClose={() => setSearch({}, { replace: true })}
        />
      )}
    </Screen>
  );
}

function Row({ term, children }: { term: string; children: ReactNode }) {
  return (
    <DescriptionListGroup>
      <DescriptionListTerm>{term}</DescriptionListTerm>
      <DescriptionListDescription>{children}</DescriptionListDescription>
    </DescriptionListGroup>
  );
}
