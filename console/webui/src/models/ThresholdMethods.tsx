import { Button, FormGroup, FormSelect, FormSelectOption } from "@patternfly/react-core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { previewThreshold } from "../api/models";
import type { ThresholdRequest } from "../api/types";
import { Failure } from "../ui/Failure";
import { TextField } from "../ui/TextField";
import { type MethodChoice, requestOf } from "./threshold";

const METHODS = {
  FALSE_ALARM_RATE: "A false-alarm rate of at most …",
  RECALL: "A recall of at least …",
  BEST_F1: "The best F1",
} as const;

interface Props {
  project: string;
  version: number;
  onChoose: (value: number, by: ThresholdRequest) => void;
}

/** Chooses a threshold by what it should achieve. */
export function ThresholdMethods({ project, version, onChoose }: Props) {
  const [choice, setChoice] = useState<MethodChoice>({ method: "FALSE_ALARM_RATE", target: "5", confidence: "95" });
  const request = requestOf(choice);
  const choose = useMutation({
    mutationFn: (asked: ThresholdRequest) => previewThreshold(project, version, asked),
    onSuccess: (threshold, asked) => onChoose(threshold.value, asked),
  });
  const set = (changed: Partial<MethodChoice>) => setChoice({ ...choice, ...changed });
  return (
    <div className="stack-small">
      <div className="threshold-methods">
        <FormGroup label="Choose by" fieldId="threshold-method">
          <FormSelect
            id="threshold-method"
            value={choice.method}
            onChange={(_, method) => set({ method: method as MethodChoice["method"], target: method === "RECALL" ? "95" : "5" })}
          >
            {Object.entries(METHODS).map(([method, text]) => (
              <FormSelectOption key={method} value={method} label={text} />
            ))}
          </FormSelect>
        </FormGroup>
        {choice.method !== "BEST_F1" && (
          <TextField label="Target in %" value={choice.target} onChange={(target) => set({ target })} />
        )}
        {choice.method === "FALSE_ALARM_RATE" && (
          <TextField label="Confidence in %" value={choice.confidence} onChange={(confidence) => set({ confidence })} />
        )}
        <Button
          variant="secondary"
          isDisabled={typeof request === "string"}
          isLoading={choose.isPending}
          onClick={() => typeof request !== "string" && choose.mutate(request)}
        >
          Choose
        </Button>
      </div>
      {typeof request === "string" && <p className="result-truth">{request}</p>}
      {choose.isError && <Failure title="There is no such threshold" error={choose.error} />}
    </div>
  );
}
