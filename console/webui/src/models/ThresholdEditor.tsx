import { Button, Card, CardBody, CardTitle, Content, FormGroup, TextInput } from "@patternfly/react-core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { thresholdPreviewQuery } from "../api/models";
import type { DevScores, ErrorRate, ThresholdRequest, ThresholdVersion } from "../api/types";
import { ScoreHistogram } from "../evaluation/ScoreHistogram";
import { Failure } from "../ui/Failure";
import { metric, number } from "../ui/format";
import { withParameters } from "../ui/search";
import { FlippedImages } from "./FlippedImages";
import { SaveThreshold } from "./SaveThreshold";
import { errorsAt, flipsBetween, histogramOf, rangeOf } from "./threshold";
import { ThresholdMethods } from "./ThresholdMethods";
import "./threshold.css";

interface Props {
  project: string;
  version: number;
  current: ThresholdVersion;
  /** Null if the package has none. */
  dev: DevScores | null;
}

/** How long a value must stay before its confidence intervals are asked for, in milliseconds. */
const PAUSE = 250;

/** A threshold that is moved over the scores of the DEV images, with what it decides wrongly. It stands in the address. */
export function ThresholdEditor({ project, version, current, dev }: Props) {
  const [search, setSearch] = useSearchParams();
  const [value, setValue] = useState(() => given(search.get("threshold")) ?? current.value);
  /** How the value was chosen; undefined by hand. */
  const [method, setMethod] = useState<ThresholdRequest>();
  const settled = useSettled(value);
  useEffect(() => {
    setSearch(withParameters({ threshold: settled === current.value ? undefined : String(settled) }), { replace: true });
  }, [settled, current.value, setSearch]);
  const request = method ?? { method: "MANUAL" as const, value };
  const move = (to: number) => {
    setMethod(undefined);
    setValue(to);
  };
  return (
    <Card>
      <CardTitle component="h2">{dev ? "Choose a threshold on the DEV images" : "Set a threshold by hand"}</CardTitle>
      <CardBody className="stack">
        {dev && <Scores dev={dev} current={current.value} value={value} onMove={move} />}
        <div className="threshold-value">
          <ValueField value={value} onMove={move} />
          <Button variant="link" isDisabled={value === current.value} onClick={() => move(current.value)}>
            Back to the current one, {metric(current.value)}
          </Button>
        </div>
        {dev && <DevErrors project={project} version={version} dev={dev} value={value} settled={settled} />}
        {dev && (
          <ThresholdMethods
            project={project}
            version={version}
            onChoose={(chosen, by) => {
              setValue(chosen);
              setMethod(by);
            }}
          />
        )}
        <div>
          <Button
            isDisabled={value === current.value && !method}
            onClick={() => setSearch(withParameters({ save: "" }))}
          >
            Save as a new threshold version
          </Button>
        </div>
        {dev && <FlippedImages project={project} images={flipsBetween(dev, current.value, value)} threshold={value} />}
      </CardBody>
      {search.has("save") && (
        <SaveThreshold
          project={project}
          version={version}
          current={current}
          value={value}
          request={request}
          onSaved={setValue}
          onClose={() => setSearch(withParameters({ save: undefined }), { replace: true })}
        />
      )}
    </Card>
  );
}

const given = (text: string | null) => (text && Number.isFinite(Number(text)) ? Number(text) : undefined);

/** The value, after it has stayed the same for a moment. */
function useSettled(value: number) {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const later = setTimeout(() => setSettled(value), PAUSE);
    return () => clearTimeout(later);
  }, [value]);
  return settled;
}

/** The threshold as a number. While it is typed, it may be none. */
function ValueField({ value, onMove }: { value: number; onMove: (to: number) => void }) {
  const [typed, setTyped] = useState<string>();
  return (
    <FormGroup label="Threshold" fieldId="threshold-value">
      <TextInput
        id="threshold-value"
        type="number"
        step="any"
        value={typed ?? String(Number(value.toPrecision(7)))}
        onChange={(_, text) => {
          setTyped(text);
          const to = given(text);
          if (to !== undefined) {
            onMove(to);
          }
        }}
        onBlur={() => setTyped(undefined)}
      />
    </FormGroup>
  );
}

interface ScoresProps {
  dev: DevScores;
  current: number;
  value: number;
  onMove: (to: number) => void;
}

function Scores({ dev, current, value, onMove }: ScoresProps) {
  const range = rangeOf(dev, current);
  const shown = Math.min(range.high, Math.max(range.low, value));
  return (
    <div className="threshold-scores">
      <ScoreHistogram detection={{ threshold: shown, histogram: histogramOf(dev, range) }}>
        <input
          type="range"
          className="threshold-slider"
          aria-label="Threshold on the scores"
          min={range.low}
          max={range.high}
          step={(range.high - range.low) / 500}
          value={shown}
          onChange={(event) => onMove(Number(event.target.value))}
        />
      </ScoreHistogram>
    </div>
  );
}

interface ErrorsProps {
  project: string;
  version: number;
  dev: DevScores;
  value: number;
  settled: number;
}

/** The errors are counted at once; their intervals follow from the service. */
function DevErrors({ project, version, dev, value, settled }: ErrorsProps) {
  const errors = errorsAt(dev, value);
  const preview = useQuery({
    ...thresholdPreviewQuery(project, version, { method: "MANUAL", value: settled }),
    placeholderData: keepPreviousData,
  });
  const limits = preview.data?.dev;
  if (preview.isError) {
    return <Failure title="The confidence intervals could not be loaded" error={preview.error} retry={() => preview.refetch()} />;
  }
  return (
    <div>
      <dl className="threshold-errors" aria-live="polite">
        <dt>False alarms</dt>
        <dd>
          {number(errors.falseAlarms.count)} of {number(errors.falseAlarms.images)} normal DEV images
          <Limits counted={errors.falseAlarms.count} errors={limits?.falseAlarms} />
        </dd>
        <dt>Misses</dt>
        <dd>
          {number(errors.misses.count)} of {number(errors.misses.images)} abnormal DEV images
          <Limits counted={errors.misses.count} errors={limits?.misses} />
        </dd>
      </dl>
      <Content component="small" className="quiet">
        In brackets the 95 % confidence interval of the rate, by Clopper and Pearson.
      </Content>
    </div>
  );
}

/** Nothing while the interval is that of another count. */
function Limits({ counted, errors }: { counted: number; errors?: ErrorRate }) {
  return errors?.lower !== undefined && errors.upper !== undefined && errors.count === counted ? (
    <span className="quiet number">
      {" "}
      ({percent(errors.lower)} to {percent(errors.upper)})
    </span>
  ) : null;
}

const percent = (share: number) => `${share === 0 || share === 1 ? share * 100 : Number((share * 100).toPrecision(2))} %`;
