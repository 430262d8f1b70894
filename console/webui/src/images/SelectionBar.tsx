import { Button, Flex, FlexItem, FormSelect, FormSelectOption } from "@patternfly/react-core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, dataset } from "../api/client";
import { messageOf } from "../api/problem";
import { facetsQuery } from "../api/projects";
import type { ProjectDetails } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { count } from "../ui/format";
import { notify } from "../ui/notices";
import { NewName } from "./NewName";

const NEW_LABEL = "New label…";
const NEW_PRODUCT = "New product…";
const NO_PRODUCT = "No product";

interface Props {
  project: ProjectDetails;
  labels: string[];
  selected: ReadonlySet<string>;
  onDone: () => void;
}

/** What can be done with the selected images. */
export function SelectionBar({ project, labels, selected, onDone }: Props) {
  const [deleting, setDeleting] = useState(false);
  const [naming, setNaming] = useState<"label" | "product">();
  const isDetector = project.task === "ANOMALY_DETECTION";
  const products = useQuery({ ...facetsQuery(project.name, {}), enabled: isDetector }).data?.products ?? [];
  const queries = useQueryClient();
  const images = [...selected];
  const params = { path: { project: project.name } };
  const done = async (text: string, undo?: () => void) => {
    await queries.invalidateQueries({ queryKey: ["projects", project.name] });
    notify(text, "success", undo && { text: "Undo", run: undo });
    setDeleting(false);
    setNaming(undefined);
    onDone();
  };
  const change = useMutation({
    mutationFn: (to: { label?: string; split?: string; product?: string }) =>
      ask(dataset.PATCH("/api/v1/projects/{project}/images", { params, body: { images, ...to } })),
    onSuccess: (_, to) => done(`${count(images.length, "image")}: ${to.label ?? to.split ?? (to.product || "no product")}.`),
    onError: (error) => notify(messageOf(error), "danger"),
  });
  const remove = useMutation({
    mutationFn: () =>
      ask(dataset.POST("/api/v1/projects/{project}/images/deletions", { params, body: { images } })),
    onSuccess: ({ id, deleted }) => done(`${count(deleted ?? 0, "image")} deleted.`, id ? () => restore.mutate(id) : undefined),
  });
  const restore = useMutation({
    mutationFn: (deletion: string) =>
      ask(
        dataset.POST("/api/v1/projects/{project}/images/deletions/{deletion}/restore", {
          params: { path: { project: project.name, deletion } },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["projects", project.name] }),
    onError: (error) => notify(messageOf(error), "danger"),
  });
  return (
    <Flex
      className="selection-bar"
      gap={{ default: "gapMd" }}
      alignItems={{ default: "alignItemsCenter" }}
      role="region"
      aria-label="Selected images"
    >
      <FlexItem>
        <strong>{count(selected.size, "image")} selected</strong>
      </FlexItem>
      <Choice
        text="Set label"
        choices={isDetector ? labels : [...labels, NEW_LABEL]}
        busy={change.isPending}
        onChoose={(label) => (label === NEW_LABEL ? setNaming("label") : change.mutate({ label }))}
      />
      <Choice text="Move to split" choices={["TRAIN", "DEV", "TEST"]} busy={change.isPending} onChoose={(split) => change.mutate({ split })} />
      {isDetector && (
        <Choice
          text="Set product"
          choices={[...products.map(({ value }) => value), NEW_PRODUCT, ...(products.length > 0 ? [NO_PRODUCT] : [])]}
          busy={change.isPending}
          onChoose={(product) =>
            product === NEW_PRODUCT ? setNaming("product") : change.mutate({ product: product === NO_PRODUCT ? "" : product })
          }
        />
      )}
      <Button variant="secondary" isDanger onClick={() => setDeleting(true)}>
        Delete
      </Button>
      <Button variant="link" onClick={onDone}>
        Clear selection
      </Button>
      {naming && <NewName of={naming} onChoose={(name) => change.mutate({ [naming]: name })} onClose={() => setNaming(undefined)} />}
      {deleting && (
        <Dialog
          title={`Delete ${count(images.length, "image")}?`}
          danger
          submit="Delete"
          busy={remove.isPending}
          error={remove.error}
          onSubmit={() => remove.mutate()}
          onClose={() => setDeleting(false)}
        >
          <p>They are removed from the project. Dataset versions that are frozen keep them. You can undo it for some days.</p>
        </Dialog>
      )}
    </Flex>
  );
}

interface ChoiceProps {
  text: string;
  choices: string[];
  busy: boolean;
  onChoose: (choice: string) => void;
}

function Choice({ text, choices, busy, onChoose }: ChoiceProps) {
  return (
    <FormSelect aria-label={text} value="" isDisabled={busy} onChange={(_, chosen) => onChoose(chosen)} style={{ inlineSize: "10rem" }}>
      <FormSelectOption value="" label={text} isPlaceholder />
      {choices.map((choice) => (
        <FormSelectOption key={choice} value={choice} label={choice} />
      ))}
    </FormSelect>
  );
}
