import {
  Button,
  Card,
  CardBody,
  CardTitle,
  Content,
  FormSelect,
  FormSelectOption,
  Slider,
  Switch,
  ToggleGroup,
  ToggleGroupItem,
} from "@patternfly/react-core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { maskedQuery } from "../api/projects";
import { type ResultFilter, testResultsQuery } from "../api/runs";
import type { Run, TestResultPage } from "../api/types";
import { Failure } from "../ui/Failure";
import { count, number } from "../ui/format";
import { LoadingBlock } from "../ui/loading";
import { withParameters } from "../ui/search";
import { ResultTile } from "./ResultTile";
import "./results.css";

/** Each TEST image with the answer of the model, the wrong ones first. */
export function ResultGallery({ run }: { run: Run }) {
  const [search, setSearch] = useSearchParams();
  const filter = filterOf(search);
  const results = useInfiniteQuery(testResultsQuery(run.id, filter));
  const [opacity, setOpacity] = useState(70);
  const masked = useQuery({ ...maskedQuery(run.project), enabled: run.task === "ANOMALY_DETECTION" }).data;
  const masks = search.has("masks") ? masked : undefined;
  const nearest = search.has("nearest");
  const pages = results.data?.pages.filter((page) => page !== null) ?? [];
  const first = pages.at(0);
  const setFilter = (chosen: ResultFilter) =>
    setSearch(withParameters({ outcome: chosen.outcome, truth: chosen.truth, predicted: chosen.predicted }));
  return (
    <Card>
      <CardTitle component="h2">TEST images</CardTitle>
      <CardBody className="stack">
        {results.isError && (
          <Failure title="The TEST images could not be loaded" error={results.error} retry={() => results.refetch()} />
        )}
        {results.isPending && <LoadingBlock text="Loading the TEST images" />}
        {results.isSuccess && !first && (
          <Content component="p" className="quiet">
            The answers for each image were not kept when this run was trained. Run it again to see them.
          </Content>
        )}
        {first && (
          <>
            <div className="results-toolbar">
              <div className="results-filters">
                <Outcomes page={first} filter={filter} onChoose={setFilter} />
                <LabelFilter
                  name="Truth"
                  labels={first.confusion.map(({ truth }) => truth)}
                  value={filter.truth}
                  onChoose={(truth) => setFilter({ ...filter, truth })}
                />
                <LabelFilter
                  name="Answer"
                  labels={first.confusion.map(({ predicted }) => predicted)}
                  value={filter.predicted}
                  onChoose={(predicted) => setFilter({ ...filter, predicted })}
                />
              </div>
              {first.items.some((image) => image.heatmap) && (
                <div className="results-opacity">
                  <span aria-hidden>Heatmap</span>
                  <Slider
                    thumbAriaLabel="Opacity of the heatmap"
                    value={opacity}
                    min={0}
                    max={100}
                    step={10}
                    showBoundaries={false}
                    onChange={(_, value) => setOpacity(value)}
                  />
                </div>
              )}
              {masked && masked.size > 0 && (
                <Switch
                  id="masks"
                  label="Masks of the defects"
                  isChecked={masks !== undefined}
                  onChange={(_, on) => setSearch(withParameters({ masks: on ? "" : undefined }), { replace: true })}
                />
              )}
              {(nearest || first.items.some((image) => image.nearest || image.similar)) && (
                <Switch
                  id="nearest"
                  label={run.task === "CLASSIFICATION" ? "Most similar TRAIN images" : "Nearest normal places"}
                  isChecked={nearest}
                  onChange={(_, on) => setSearch(withParameters({ nearest: on ? "" : undefined }), { replace: true })}
                />
              )}
            </div>
            {first.total === 0 && (
              <Content component="p" className="quiet">
                No TEST image is like this.
              </Content>
            )}
            <ul className={nearest ? "results results-wide" : "results"} aria-label="TEST images">
              {pages.flatMap((page) => page.items).map((image) => (
                <ResultTile
                  key={image.sha256}
                  run={run}
                  image={image}
                  opacity={opacity / 100}
                  masked={masks?.has(image.sha256) ?? false}
                  nearest={nearest}
                />
              ))}
            </ul>
            {results.hasNextPage && (
              <div>
                <Button variant="secondary" onClick={() => results.fetchNextPage()} isLoading={results.isFetchingNextPage}>
                  Show more of {count(first.total, "image")}
                </Button>
              </div>
            )}
          </>
        )}
      </CardBody>
    </Card>
  );
}

function filterOf(search: URLSearchParams): ResultFilter {
  const outcome = search.get("outcome");
  return {
    outcome: outcome === "WRONG" || outcome === "RIGHT" ? outcome : undefined,
    truth: search.get("truth") ?? undefined,
    predicted: search.get("predicted") ?? undefined,
  };
}

interface OutcomesProps {
  page: TestResultPage;
  filter: ResultFilter;
  onChoose: (filter: ResultFilter) => void;
}

/** All images, the wrong ones, or the right ones. */
function Outcomes({ page, filter, onChoose }: OutcomesProps) {
  const right = sum(page.confusion.filter((cell) => cell.truth === cell.predicted));
  const all = sum(page.confusion);
  const choices = [
    { outcome: undefined, text: `All ${number(all)}` },
    { outcome: "WRONG" as const, text: `Wrong ${number(all - right)}` },
    { outcome: "RIGHT" as const, text: `Right ${number(right)}` },
  ];
  return (
    <ToggleGroup aria-label="Which TEST images">
      {choices.map(({ outcome, text }) => (
        <ToggleGroupItem
          key={text}
          text={text}
          isSelected={filter.outcome === outcome}
          onChange={() => onChoose({ ...filter, outcome })}
        />
      ))}
    </ToggleGroup>
  );
}

interface LabelFilterProps {
  name: string;
  labels: string[];
  value?: string;
  onChoose: (label?: string) => void;
}

function LabelFilter({ name, labels, value, onChoose }: LabelFilterProps) {
  return (
    <FormSelect aria-label={name} value={value ?? ""} onChange={(_, label) => onChoose(label || undefined)} className="results-label">
      <FormSelectOption value="" label={`${name}: any`} />
      {[...new Set(labels.concat(value ?? []))].sort().map((label) => (
        <FormSelectOption key={label} value={label} label={`${name}: ${label}`} />
      ))}
    </FormSelect>
  );
}

const sum = (cells: TestResultPage["confusion"]) => cells.reduce((images, cell) => images + cell.images, 0);
