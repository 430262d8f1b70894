import { Button, Card, CardBody, CardTitle, Checkbox, FormGroup, FormSelect, FormSelectOption } from "@patternfly/react-core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { messageOf } from "../api/problem";
import { modelVersionsQuery, reviewQueueQuery } from "../api/models";
import type { LoggedPrediction, ReviewKind } from "../api/types";
import { Failure } from "../ui/Failure";
import { metric, Moment } from "../ui/format";
import { LoadingRows } from "../ui/loading";
import { withParameters } from "../ui/search";
import { addToProject, decide } from "./decide";
import { predictionImageUrl } from "./PredictionTable";

const KINDS: Record<ReviewKind, string> = {
  AUDIT: "A random sample",
  NEAR_THRESHOLD: "Score near the threshold",
  CONTESTED: "Two labels almost equally probable",
  DRIFTED: "In a time of drift",
};

/** Predictions that a person should look at, with buttons for what is true. */
export function ReviewCard({ project }: { project: string }) {
  const [search, setSearch] = useSearchParams();
  const asked = search.get("review");
  const kind = asked !== null && asked in KINDS ? (asked as ReviewKind) : "AUDIT";
  const queue = useQuery(reviewQueueQuery(project, kind));
  const [adds, setAdds] = useState(false);
  return (
    <Card>
      <CardTitle component="h2">To look at</CardTitle>
      <CardBody className="stack">
        <FormGroup label="Which predictions" fieldId="review-kind">
          <FormSelect
            id="review-kind"
            value={kind}
            onChange={(_, value) => setSearch(withParameters({ review: value }), { replace: true })}
          >
            {Object.entries(KINDS).map(([value, text]) => (
              <FormSelectOption key={value} value={value} label={text} />
            ))}
          </FormSelect>
        </FormGroup>
        {queue.isError && (
          <Failure title="The predictions could not be loaded" error={queue.error} retry={() => queue.refetch()} />
        )}
        {queue.isPending && <LoadingRows text="Loading the predictions" rows={2} />}
        {queue.data?.length === 0 && <p className="quiet">No prediction of the last seven days waits for a look.</p>}
        {queue.data && queue.data.length > 0 && (
          <>
            <Checkbox
              id="review-adds"
              label="Add the image to the project, with the label that is chosen"
              description="For the next dataset version. Only where the log has kept the image."
              isChecked={adds}
              onChange={(_, checked) => setAdds(checked)}
            />
            <ul className="review-list" aria-label="Predictions to look at">
              {queue.data.map((prediction) => (
                <ReviewRow key={prediction.id} project={project} prediction={prediction} adds={adds} />
              ))}
            </ul>
          </>
        )}
      </CardBody>
    </Card>
  );
}

interface RowProps {
  project: string;
  prediction: LoggedPrediction;
  adds: boolean;
}

function ReviewRow({ project, prediction, adds }: RowProps) {
  const versions = useQuery(modelVersionsQuery(project));
  const labels = versions.data?.find(({ number }) => number === prediction.version)?.labels ?? [prediction.label];
  const queries = useQueryClient();
  const decision = useMutation({
    mutationFn: async (label: string | null) => {
      if (label !== null && adds && prediction.imageKept) {
        await addToProject(project, prediction, label);
      }
      await decide(project, prediction, label);
    },
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ["models", project] }),
        queries.invalidateQueries({ queryKey: ["projects", project] }),
      ]),
  });
  return (
    <li className="review-row">
      {prediction.imageKept && (
        <img
          className="review-image"
          loading="lazy"
          src={predictionImageUrl(project, prediction.id)}
          alt={`Predicted as ${prediction.label}`}
        />
      )}
      <span>
        <strong>{prediction.label}</strong>, score {metric(prediction.score)}{" "}
        <span className="quiet">
          version {prediction.version}, {prediction.product && <>product {prediction.product}, </>}
          <Moment at={prediction.createdAt} />
        </span>
      </span>
      <span className="review-choices" role="group" aria-label="What the image shows">
        {labels.map((label) => (
          <Button key={label} variant="secondary" size="sm" isDisabled={decision.isPending} onClick={() => decision.mutate(label)}>
            {label}
          </Button>
        ))}
        <Button variant="link" size="sm" isDisabled={decision.isPending} onClick={() => decision.mutate(null)}>
          Leave out
        </Button>
      </span>
      {decision.isError && <p role="alert">{messageOf(decision.error)}</p>}
    </li>
  );
}
