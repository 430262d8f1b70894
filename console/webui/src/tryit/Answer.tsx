import { Alert, Button, Card, CardBody, CardTitle, DescriptionList, Label } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useState } from "react";
import { Link } from "react-router";
import type { AliasMove, Anomaly, Classification } from "../api/types";
import { Fact } from "../runs/RunFacts";
import { metric, number } from "../ui/format";
import type { Timed } from "./prediction";

/** Classes that are shown at first. */
const FEW = 10;

/** What the model says, which version says it, and how long that took. */
export function Answer({ answer, aliases }: { answer: Timed; aliases: AliasMove[] }) {
  const { prediction, totalMillis } = answer;
  const { classification, anomaly, version, times } = prediction;
  const names = aliases.filter((move) => move.version === version).map((move) => move.alias);
  return (
    <Card isFullHeight>
      <CardTitle component="h2">Answer</CardTitle>
      <CardBody className="stack" role="status" aria-label="Answer">
        {anomaly && <AnomalyAnswer anomaly={anomaly} />}
        {anomaly?.warnings && <ImageWarnings warnings={anomaly.warnings} />}
        {classification && <Probabilities classification={classification} />}
        <DescriptionList isHorizontal isCompact isFluid termWidth="7rem">
          {anomaly && <Fact term="Score">{metric(anomaly.score)}</Fact>}
          {anomaly?.calibratedScore !== undefined && (
            <Fact term="Calibrated">{metric(anomaly.calibratedScore)} of 1, with 0.5 at the threshold</Fact>
          )}
          {anomaly && (
            <Fact term="Threshold">
              {metric(anomaly.threshold)}{" "}
              <Link to={`../models/${version}/threshold`}>(threshold version {anomaly.thresholdVersion})</Link>
            </Fact>
          )}
          <Fact term="Version">
            <Link to="../models">Version {version}</Link>
            {names.length > 0 && ` (${names.join(", ")})`}
          </Fact>
          <Fact term="Time">
            {millis(totalMillis)} (model {millis(times.inferenceMillis)}, preparation of the image {millis(times.preprocessingMillis)})
          </Fact>
        </DescriptionList>
      </CardBody>
    </Card>
  );
}

function AnomalyAnswer({ anomaly: { score, anomalous, threshold, product } }: { anomaly: Anomaly }) {
  const end = Math.max(2 * threshold, 1.05 * score);
  return (
    <>
      <p className="answer-word">
        <Label status={anomalous ? "danger" : "success"}>{anomalous ? "Abnormal" : "Normal"}</Label>
        <span>{anomalous ? "The score reaches the threshold." : "The score is below the threshold."}</span>
        {product && <span>Compared with the product {product}.</span>}
      </p>
      <div className="bar bar-score" role="img" aria-label={`Score ${metric(score)}, threshold ${metric(threshold)}`}>
        <div className={anomalous ? "bar-fill bar-fill-abnormal" : "bar-fill"} style={{ inlineSize: percent(score / end) }} />
        <div className="bar-mark" style={{ insetInlineStart: percent(threshold / end) }} />
      </div>
    </>
  );
}

/** How the image was taken in another way than the normal ones. */
function ImageWarnings({ warnings }: { warnings: NonNullable<Anomaly["warnings"]> }) {
  return (
    <Alert variant="warning" isInline component="h3" title="The image was taken differently from the normal images">
      <p>The model learned from images with other conditions, so its score may be wrong.</p>
      <ul aria-label="Warnings">
        {warnings.map(({ measure, message }) => (
          <li key={measure}>{message}</li>
        ))}
      </ul>
    </Alert>
  );
}

/** Bars in a table, so that they can also be read as one. */
function Probabilities({ classification: { label, score, probabilities } }: { classification: Classification }) {
  const [all, setAll] = useState(false);
  const shown = all ? probabilities : probabilities.slice(0, FEW);
  return (
    <>
      <p className="answer-word">
        <Label color="blue">{label}</Label>
        <span>{percent(score)}</span>
      </p>
      <Table variant="compact" borders={false} aria-label="Probabilities">
        <Thead>
          <Tr>
            <Th width={30}>Class</Th>
            <Th width={40} screenReaderText="Bar" />
            <Th modifier="nowrap">Probability</Th>
          </Tr>
        </Thead>
        <Tbody>
          {shown.map((one) => (
            <Tr key={one.label}>
              <Td dataLabel="Class">{one.label}</Td>
              <Td dataLabel="Bar">
                <div className="bar" aria-hidden>
                  <div className="bar-fill" style={{ inlineSize: percent(one.probability) }} />
                </div>
              </Td>
              <Td dataLabel="Probability" className="number">
                {percent(one.probability)}
              </Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
      {!all && probabilities.length > FEW && (
        <Button variant="link" isInline onClick={() => setAll(true)}>
          Show all {number(probabilities.length)} classes
        </Button>
      )}
    </>
  );
}

const percent = (share: number) => `${(100 * share).toFixed(1)}%`;

const millis = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value)}\u00a0ms`;
