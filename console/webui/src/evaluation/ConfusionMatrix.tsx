import { Card, CardBody, CardTitle } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { Link } from "react-router";
import type { EvaluationReport } from "../api/types";
import { count, number } from "../ui/format";
import { confusionsOf, matrixOf } from "./report";

/** Beyond this number of labels, the most frequent confusions are listed in place of a matrix. */
const MOST_LABELS = 30;
const MOST_CONFUSIONS = 50;

interface Props {
  run: string;
  report: EvaluationReport;
}

/** How many TEST images of a label got which answer; a number leads to its images. */
export function ConfusionCard({ run, report }: Props) {
  return (
    <Card>
      <CardTitle component="h2">Confusion matrix</CardTitle>
      <CardBody className="stack">
        {report.labels.length <= MOST_LABELS ? <Matrix run={run} report={report} /> : <Confusions run={run} report={report} />}
        <p className="quiet metric-help">A number leads to its images.</p>
      </CardBody>
    </Card>
  );
}

function Matrix({ run, report }: Props) {
  return (
    <div className="table-scroll">
      <Table variant="compact" borders={false} aria-label="TEST images by truth and answer" className="confusion" gridBreakPoint="">
        <Thead>
          <Tr>
            <Th modifier="nowrap">truth ↓ answer →</Th>
            {report.labels.map((predicted) => (
              <Th key={predicted} textCenter modifier="nowrap">
                {predicted}
              </Th>
            ))}
            <Th textCenter>All</Th>
          </Tr>
        </Thead>
        <Tbody>
          {matrixOf(report.labels, report.confusion).map(({ truth, images, cells }) => (
            <Tr key={truth}>
              <Th scope="row" modifier="nowrap">
                {truth}
              </Th>
              {cells.map(({ predicted, images, share }) => (
                <Td
                  key={predicted}
                  textCenter
                  className={images === 0 ? "quiet number" : `number confusion-${truth === predicted ? "right" : "wrong"}`}
                  style={{ "--share": `${Math.round(50 * share)}%` } as object}
                  title={images > 0 ? `${Math.round(100 * share)} % of the images of ${truth}` : undefined}
                >
                  {images === 0 ? "0" : <CellLink run={run} truth={truth} predicted={predicted} images={images} />}
                </Td>
              ))}
              <Td textCenter className="quiet number">
                {number(images)}
              </Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
    </div>
  );
}

function Confusions({ run, report }: Props) {
  const confusions = confusionsOf(report.confusion);
  return (
    <>
      <p>
        {count(report.labels.length, "class", "classes")} are too many for a matrix. These confusions are the most frequent of{" "}
        {number(confusions.length)}.
      </p>
      <Table variant="compact" borders={false} aria-label="Most frequent confusions">
        <Thead>
          <Tr>
            <Th>Truth</Th>
            <Th>Answer</Th>
            <Th>Images</Th>
          </Tr>
        </Thead>
        <Tbody>
          {confusions.slice(0, MOST_CONFUSIONS).map((cell) => (
            <Tr key={`${cell.truth} ${cell.predicted}`}>
              <Td dataLabel="Truth">{cell.truth}</Td>
              <Td dataLabel="Answer">{cell.predicted}</Td>
              <Td dataLabel="Images" className="number">
                <CellLink run={run} {...cell} />
              </Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
    </>
  );
}

interface CellProps {
  run: string;
  truth: string;
  predicted: string;
  images: number;
}

function CellLink({ run, truth, predicted, images }: CellProps) {
  return (
    <Link
      to={`../runs/${run}/images?${new URLSearchParams({ truth, predicted })}`}
      aria-label={`${count(images, "image")}, truth ${truth}, answer ${predicted}`}
    >
      {number(images)}
    </Link>
  );
}
