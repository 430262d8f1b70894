import { List, ListItem, Title } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { ask, dataset } from "../api/client";
import { Moment } from "../ui/format";

interface Entry {
  number: number;
  at: string;
  actor: string;
  change: "ADDED" | "CHANGED" | "DELETED" | "RESTORED";
  label?: string;
  defect?: string;
  split?: string;
  product?: string;
}

const VERBS = { ADDED: "added it", CHANGED: "changed it", DELETED: "deleted it", RESTORED: "restored it" };

/** Who labelled an image, and when. */
export function ImageHistory({ project, sha256 }: { project: string; sha256: string }) {
  const history = useQuery({
    queryKey: ["image", project, sha256, "history"],
    queryFn: ({ signal }) =>
      ask(
        dataset.GET("/api/v1/projects/{project}/images/{sha256}/history", {
          params: { path: { project, sha256 }, query: { limit: 20 } },
          signal,
        }),
      ).then((page) => (page as unknown as { items: Entry[] }).items),
  });
  if (!history.data?.length) {
    return null; // the history is an extra: without it, the rest is complete
  }
  return (
    <section className="stack-small">
      <Title headingLevel="h3" size="md">
        History
      </Title>
      <List isPlain>
        {history.data.map((entry) => (
          <ListItem key={entry.number} className="history-entry">
            <strong>{entry.actor}</strong> {VERBS[entry.change]}:{" "}
            {[entry.label ?? "no label", entry.defect, entry.split, entry.product].filter(Boolean).join(" · ")}{" "}
            <span className="quiet">
              <Moment at={entry.at} />
            </span>
          </ListItem>
        ))}
      </List>
    </section>
  );
}
