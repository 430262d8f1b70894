import { Checkbox, FormGroup, FormSelect, FormSelectOption } from "@patternfly/react-core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, inference } from "../api/client";
import type { PromotionPolicy, PromotionPolicyState } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/TextField";
import { notify } from "../ui/notices";
import { floorsOf, floorText, numberIn } from "./floors";

interface Props {
  project: string;
  state: PromotionPolicyState;
  onClose: () => void;
}

/** What a version must meet before an alias points at it. */
export function PolicyForm({ project, state, onClose }: Props) {
  const { policy } = state;
  const [metrics, setMetrics] = useState(floorText(policy.metricFloors));
  const [recalls, setRecalls] = useState(floorText(policy.recallFloors));
  const [images, setImages] = useState(String(policy.minTestImages ?? 0));
  const [tolerance, setTolerance] = useState(String(policy.tolerance ?? ""));
  const [comparison, setComparison] = useState(policy.comparison ?? "POINT");
  const [approval, setApproval] = useState(policy.approval ?? false);
  const queries = useQueryClient();
  const wrongMetrics = floorsOf(metrics) ? undefined : "Write NAME=VALUE in each line, such as accuracy=0.9";
  const wrongRecalls = floorsOf(recalls) ? undefined : "Write LABEL=VALUE in each line, such as scratch=0.8";
  const wrongImages = /^\d{1,9}$/.test(images) ? undefined : "Write a whole number";
  const wrongTolerance = numberIn(tolerance, 0, 1) === undefined ? "Write a number from 0 to 1" : undefined;
  const save = useMutation({
    mutationFn: () => {
      const body: PromotionPolicy = {
        metricFloors: floorsOf(metrics),
        recallFloors: floorsOf(recalls),
        minTestImages: Number(images),
        tolerance: Number(tolerance),
        comparison,
        approval,
      };
      return ask(
        inference.PUT("/api/v1/models/{project}/promotion-policy", {
          params: { path: { project }, header: { "If-Match": `"${state.revision}"` } },
          body,
        }),
      );
    },
    onSuccess: () => {
      notify("The promotion policy is saved.");
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["models", project] }),
  });
  return (
    <Dialog
      title="Promotion policy"
      description="What a version must meet before an alias of this project points at it."
      submit="Save"
      incomplete={Boolean(wrongMetrics ?? wrongRecalls ?? wrongImages ?? wrongTolerance)}
      busy={save.isPending}
      error={save.error}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <TextField
        label="Smallest metrics"
        value={metrics}
        onChange={setMetrics}
        wrong={wrongMetrics}
        lines={2}
        help="On the TEST images, one in each line: accuracy=0.9"
      />
      <TextField
        label="Smallest recalls"
        value={recalls}
        onChange={setRecalls}
        wrong={wrongRecalls}
        lines={2}
        help="Of labels, one in each line: scratch=0.8"
      />
      <TextField label="Smallest number of TEST images" value={images} onChange={setImages} wrong={wrongImages} />
      <FormGroup label="Comparison with the current version" fieldId="comparison">
        <FormSelect
          id="comparison"
          value={comparison}
          onChange={(_, value) => setComparison(value as "POINT" | "INTERVAL")}
        >
          <FormSelectOption value="POINT" label="The metrics themselves" />
          <FormSelectOption value="INTERVAL" label="The 95 % interval of the difference, image by image" />
        </FormSelect>
      </FormGroup>
      <TextField
        label="Tolerance"
        value={tolerance}
        onChange={setTolerance}
        wrong={wrongTolerance}
        help="How much lower than that of the current version a metric may be."
      />
      <Checkbox
        id="approval"
        label="Another person than the author must approve"
        isChecked={approval}
        onChange={(_, checked) => setApproval(checked)}
      />
    </Dialog>
  );
}
