import {
  Button,
  Card,
  CardBody,
  CardTitle,
  Content,
  Label,
  Slider,
  Switch,
  ToggleGroup,
  ToggleGroupItem,
} from "@patternfly/react-core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { maskedQuery, type ResultFilter, testResultsQuery } from "../api/resources";
import type { Run, TestResult, TestResultPage } from "../api/types";
import { MaskOverlay } from "../images/MaskOverlay";
import { thumbnail } from "../images/urls";
import { Failure } from "../ui/Failure";
import { count, number } from "../ui/format";
import { LoadingBlock } from "../ui/loading";
import { withParameters } from "../ui/search";
import { ConfusionMatrix } from "./ConfusionMatrix";
import "./results.css";

/** Each TEST image with the answer of the model, the wrong ones first. */
export function ResultGallery({ run }: { run: Run }) {
  const [search, setSearch] = useSearchParams();
  const filter = filterOf(search);
  const results = useInfiniteQuery(testResultsQuery(run.id, filter));
  const [opacity, setOpacity] = useState(70);
  const masked = useQuery({ ...maskedQuery(run.project), enabled: run.task === "ANOMALY_DETECTION" }).data;
  const masks = search.has("masks") ? masked : undefined;
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
            <ConfusionMatrix cells={first.confusion} filter={filter} onChoose={setFilter} />
            <div className="results-toolbar">
              <Outcomes page={first} filter={filter} onChoose={setFilter} />
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
            </div>
            {(filter.truth || filter.predicted) && (
              <div>
                <Label onClose={() => setFilter({ outcome: filter.outcome })}>
                  {filter.truth && `truth ${filter.truth}`} {filter.predicted && `answer ${filter.predicted}`}
                </Label>
              </div>
            )}
            {first.total === 0 && (
              <Content component="p" className="quiet">
                No TEST image is like this.
              </Content>
            )}
            <ul className="results" aria-label="TEST images">
              {pages.flatMap((page) => page.items).map((image) => (
                <Tile
                  key={image.sha256}
                  run={run}
                  image={image}
                  opacity={opacity / 100}
                  masked={masks?.has(image.sha256) ?? false}
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

const sum = (cells: TestResultPage["confusion"]) => cells.reduce((images, cell) => images + cell.images, 0);

interface TileProps {
  run: Run;
  image: TestResult;
  /** Of its heatmap. */
  opacity: number;
  /** Whether its mask is shown. */
  masked: boolean;
}

function Tile({ run, image, opacity, masked }: TileProps) {
  return (
    <li className="result">
      <Link
        to={`../images?image=${image.sha256}`}
        className={image.right ? "result-image" : "result-image result-wrong"}
        aria-label={`Open ${image.name}`}
      >
        <img src={thumbnail(run.project, image.sha256)} alt="" loading="lazy" decoding="async" />
        {image.heatmap && (
          <img src={heatmap(run.id, image.sha256)} alt="" loading="lazy" decoding="async" style={{ opacity }} />
        )}
        {masked && <MaskOverlay project={run.project} sha256={image.sha256} opacity={0.5} />}
      </Link>
      <span className="result-name" title={image.name}>
        {image.name}
      </span>
      <span>
        {image.predicted}{" "}
        <span className="quiet number" title={image.probabilities ? "Probability" : "Anomaly score"}>
          {image.score.toPrecision(3)}
        </span>
      </span>
      <span className={image.right ? "quiet" : "result-truth"}>
        {image.right ? "right" : `wrong: it is ${image.truth}`}
        {image.defect && ` (${image.defect})`}
      </span>
    </li>
  );
}

const heatmap = (run: string, sha256: string) => `/api/v1/runs/${encodeURIComponent(run)}/results/${sha256}/heatmap`;
