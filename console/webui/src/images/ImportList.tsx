import { Alert, Button, Progress } from "@patternfly/react-core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { ask, dataset } from "../api/client";
import { messageOf } from "../api/problem";
import type { ImageImport, PageOf } from "../api/types";
import { count } from "../ui/format";
import { notify } from "../ui/notices";

const isActive = (one: ImageImport) => one.state === "QUEUED" || one.state === "RUNNING";

/** Imports of archives: those that go on, and the newest one that ended. They go on without this page. */
export function ImportList({ project }: { project: string }) {
  const queries = useQueryClient();
  const imports = useQuery({
    queryKey: ["imports", project],
    queryFn: ({ signal }) =>
      ask(
        dataset.GET("/api/v1/projects/{project}/imports", { params: { path: { project }, query: { limit: 10 } }, signal }),
      ) as Promise<PageOf<ImageImport>>,
    refetchInterval: (query) => (query.state.data?.items.some(isActive) ? 1_000 : false),
  });
  const items = imports.data?.items ?? [];
  const active = items.filter(isActive);
  const ended = items.find((one) => !isActive(one));
  useEffect(() => {
    // Also while it goes on: its images appear one after the other.
    if (ended) {
      void queries.invalidateQueries({ queryKey: ["projects", project] });
    }
  }, [queries, project, ended?.id, ended]);
  return (
    <div className="stack" aria-live="polite">
      {active.map((one) => (
        <Running key={one.id} project={project} one={one} />
      ))}
      {active.length === 0 && ended && <Ended one={ended} />}
    </div>
  );
}

function Running({ project, one }: { project: string; one: ImageImport }) {
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () =>
      ask(
        dataset.POST("/api/v1/projects/{project}/imports/{import}/cancel", {
          params: { path: { project, import: one.id } },
        }),
      ),
    onError: (error) => notify(messageOf(error), "danger"),
    onSettled: () => queries.invalidateQueries({ queryKey: ["imports", project] }),
  });
  const { done = 0, total = 0 } = one.progress ?? {};
  return (
    <div className="upload-row">
      <Progress
        title={one.state === "QUEUED" ? "Archive waits for its import" : "Importing an archive"}
        value={total > 0 ? (100 * done) / total : 0}
        label={total > 0 ? `${done} of ${total}` : "reading"}
        valueText={total > 0 ? `${done} of ${total}` : "reading"}
        measureLocation="top"
      />
      <Button variant="link" isDisabled={cancel.isPending} onClick={() => cancel.mutate()}>
        Cancel
      </Button>
    </div>
  );
}

function Ended({ one }: { one: ImageImport }) {
  if (one.state === "SUCCEEDED") {
    const report = one.report;
    const refused = report?.refused ?? 0;
    const parts = [
      `${count(report?.added ?? 0, "image")} added`,
      (report?.existing ?? 0) > 0 && `${report?.existing} already in the project`,
      refused > 0 && `${count(refused, "file")} refused`,
    ].filter(Boolean);
    return (
      <Alert isInline isPlain variant={refused > 0 ? "warning" : "success"} title={`Last archive: ${parts.join(", ")}`}>
        {report?.warnings?.map((warning) => <p key={`${warning.code} ${warning.message}`}>{warning.message}</p>)}
      </Alert>
    );
  }
  return (
    <Alert isInline variant="danger" title={one.state === "FAILED" ? "The last archive was not imported" : "The last import was cancelled"}>
      {one.reason?.message}
    </Alert>
  );
}
