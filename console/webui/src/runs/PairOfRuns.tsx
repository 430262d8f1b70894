import { Button, Card, CardBody, CardTitle, Content, ToggleGroup, ToggleGroupItem } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { pairedComparisonQuery } from "../api/runs";
import type { Disagreement, PairedComparison, PairOutcome, Run } from "../api/types";
import "../evaluation/results.css";
import { thumbnail } from "../images/urls";
import { Failure } from "../ui/Failure";
import { count, metric, number } from "../ui/format";
import { LoadingBlock } from "../ui/loading";
import { withParameters } from "../ui/search";
import { shortId, verdict } from "./compare";

interface Props {
  run: Run;
  other: Run;
}

/** Two runs with the same TEST images, image by image: &outcome= selects some of those that they disagree on. */
export function PairOfRuns({ run, other }: Props) {
  const comparison = useInfiniteQuery(pairedComparisonQuery(run.id, other.id));
  const first = comparison.data?.pages.at(0);
  if (comparison.isError) {
    return (
      <Failure title="The runs could not be compared image by image" error={comparison.error} retry={() => comparison.refetch()} />
    );
  }
  return first ? (
    <>
      <Difference run={run} other={other} comparison={first} />
      <Disagreements run={run} other={other} comparison={first} />
    </>
  ) : (
    <LoadingBlock text="Comparing image by image" />
  );
}

function Difference({ run, other, comparison }: Props & { comparison: PairedComparison }) {
  const { difference, pValue, images, bothRight, onlyRunRight, onlyOtherRight, bothWrong } = comparison;
  const [one, another] = [shortId(run), shortId(other)];
  return (
    <Card>
      <CardTitle component="h2">Accuracy on the same {count(images, "TEST image")}</CardTitle>
      <CardBody className="pair-difference">
        <div className="stack-small">
          <p>
            <span className="pair-figure number">{signed(difference.value)}</span> {one} minus {another}
          </p>
          <p className="number">
            {metric(comparison.accuracy)} against {metric(comparison.otherAccuracy)}; 95 % interval of the difference:{" "}
            {signed(difference.low)} to {signed(difference.high)}
          </p>
          <p className="number">McNemar&apos;s exact test: p = {pText(pValue)}</p>
          <p>{verdict(difference.value, pValue)}</p>
        </div>
        <Table variant="compact" borders={false} aria-label="Images by who is right" gridBreakPoint="" className="pair-counts">
          <Thead>
            <Tr>
              <Th screenReaderText="Answer" />
              <Th modifier="nowrap">{another} right</Th>
              <Th modifier="nowrap">{another} wrong</Th>
            </Tr>
          </Thead>
          <Tbody>
            <Tr>
              <Th scope="row" modifier="nowrap">
                {one} right
              </Th>
              <Td className="number">{number(bothRight)}</Td>
              <Td className="number">{number(onlyRunRight)}</Td>
            </Tr>
            <Tr>
              <Th scope="row" modifier="nowrap">
                {one} wrong
              </Th>
              <Td className="number">{number(onlyOtherRight)}</Td>
              <Td className="number">{number(bothWrong)}</Td>
            </Tr>
          </Tbody>
        </Table>
      </CardBody>
    </Card>
  );
}

const signed = (value: number) => (value > 0 ? "+" : value < 0 ? "−" : "") + metric(Math.abs(value));

const pText = (value: number) => (value < 0.0001 ? "less than 0.0001" : value.toFixed(4));

/** The images that the models answer differently for. */
function Disagreements({ run, other, comparison }: Props & { comparison: PairedComparison }) {
  const [search, setSearch] = useSearchParams();
  const outcomes: Record<PairOutcome, { text: string; images: number }> = {
    ONLY_OTHER_RIGHT: { text: `Only ${shortId(other)} right`, images: comparison.onlyOtherRight },
    ONLY_RUN_RIGHT: { text: `Only ${shortId(run)} right`, images: comparison.onlyRunRight },
    BOTH_WRONG: {
      text: "Both wrong",
      images: comparison.total - comparison.onlyOtherRight - comparison.onlyRunRight,
    },
  };
  const asked = search.get("outcome");
  const outcome = asked && asked in outcomes ? (asked as PairOutcome) : undefined;
  const choose = (chosen?: PairOutcome) => setSearch(withParameters({ outcome: chosen }));
  const images = useInfiniteQuery(pairedComparisonQuery(run.id, other.id, outcome));
  const pages = images.data?.pages ?? [];
  return (
    <Card>
      <CardTitle component="h2">Images with different answers</CardTitle>
      <CardBody className="stack">
        {comparison.total === 0 && (
          <Content component="p" className="quiet">
            Both runs give the same answer for each TEST image.
          </Content>
        )}
        {comparison.total > 0 && (
          <ToggleGroup aria-label="Which images" className="pair-outcomes">
            <ToggleGroupItem text={`All ${number(comparison.total)}`} isSelected={!outcome} onChange={() => choose()} />
            {(Object.keys(outcomes) as PairOutcome[]).map((one) => (
              <ToggleGroupItem
                key={one}
                text={`${outcomes[one].text} ${number(outcomes[one].images)}`}
                isSelected={outcome === one}
                onChange={() => choose(one)}
              />
            ))}
          </ToggleGroup>
        )}
        {images.isError && (
          <Failure title="The images could not be loaded" error={images.error} retry={() => images.refetch()} />
        )}
        <ul className="results" aria-label="Images with different answers">
          {pages.flatMap((page) => page.items).map((image) => (
            <Tile key={image.sha256} run={run} other={other} image={image} />
          ))}
        </ul>
        {images.hasNextPage && (
          <div>
            <Button variant="secondary" onClick={() => images.fetchNextPage()} isLoading={images.isFetchingNextPage}>
              Show more of {count(pages[0].total, "image")}
            </Button>
          </div>
        )}
      </CardBody>
    </Card>
  );
}

function Tile({ run, other, image }: Props & { image: Disagreement }) {
  const { outcome, predicted, score, otherPredicted, otherScore } = image;
  return (
    <li className="result">
      <Link to={`../images?image=${image.sha256}`} className="result-image" aria-label={`Open ${image.name}`}>
        <img src={thumbnail(run.project, image.sha256)} alt="" loading="lazy" decoding="async" />
      </Link>
      <span className="result-name" title={image.name}>
        {image.name}
      </span>
      <span>truth {image.truth}</span>
      <Answer run={run} right={outcome === "ONLY_RUN_RIGHT"} predicted={predicted} score={score} />
      <Answer run={other} right={outcome === "ONLY_OTHER_RIGHT"} predicted={otherPredicted} score={otherScore} />
    </li>
  );
}

interface AnswerProps {
  run: Run;
  right: boolean;
  predicted: string;
  score: number;
}

function Answer({ run, right, predicted, score }: AnswerProps) {
  return (
    <span className={right ? undefined : "result-truth"}>
      {shortId(run)} {right ? "right" : "wrong"}: {predicted} <span className="quiet number">{score.toPrecision(3)}</span>
    </span>
  );
}
