import { Card, CardBody, CardHeader, CardTitle, Content, FormSelect, FormSelectOption } from "@patternfly/react-core";
import { useMemo } from "react";
import { useSearchParams } from "react-router";
import type { Calibration, ClassReport, EvaluationReport, MemoryCurve } from "../api/types";
import { Plot } from "../ui/Plot";
import { count, metric, number } from "../ui/format";
import { withParameters } from "../ui/search";
import { Figure } from "./Figure";
import { ScoreHistogram } from "./ScoreHistogram";
import { calibrationData, precisionRecallData, rocData, withCurves } from "./report";

/** ROC, precision over recall, and calibration or scores. The class whose curves are shown stands in the address. */
export function Curves({ report }: { report: EvaluationReport }) {
  const [search, setSearch] = useSearchParams();
  const classes = useMemo(() => withCurves(report.classes), [report]);
  const shown = classes.find(({ label }) => label === search.get("label")) ?? classes.at(0);
  return (
    <Card>
      <CardHeader
        actions={
          classes.length > 1
            ? {
                hasNoOffset: true,
                actions: (
                  <FormSelect
                    aria-label="Class of the curves"
                    className="figure-class"
                    value={shown?.label}
                    onChange={(_, label) => setSearch(withParameters({ label }), { replace: true })}
                  >
                    {classes.map(({ label }) => (
                      <FormSelectOption key={label} value={label} label={label} />
                    ))}
                  </FormSelect>
                ),
              }
            : undefined
        }
      >
        <CardTitle component="h2">Curves</CardTitle>
      </CardHeader>
      <CardBody className="figures">
        {shown && <Roc of={shown} />}
        {shown && <PrecisionRecall of={shown} images={report.images} />}
        {report.calibration && <Reliability calibration={report.calibration} />}
        {report.detection && <ScoreHistogram detection={report.detection} />}
        {report.detection?.memoryCurve && <MemorySize curve={report.detection.memoryCurve} />}
        {!shown && (
          <Content component="p" className="quiet">
            There are no ROC and precision-recall curves: they need TEST images of the class and images of others.
          </Content>
        )}
      </CardBody>
    </Card>
  );
}

function Roc({ of: report }: { of: ClassReport }) {
  const data = useMemo(() => rocData(report), [report]);
  const title = `ROC curve of ${report.label}`;
  return (
    <Figure
      title={title}
      note={`Area (AUROC): ${metric(report.auroc)}. The dashed line is guessing.`}
      columns={["Threshold", "False-positive rate", "True-positive rate"]}
      rows={(report.roc ?? []).map(({ threshold, x, y }) => [metric(threshold), metric(x), metric(y)])}
    >
      <Plot
        label={`${title}: area ${metric(report.auroc)}`}
        data={data}
        shares={{ x: "false-positive rate", y: "true-positive rate" }}
      />
    </Figure>
  );
}

function PrecisionRecall({ of: report, images }: { of: ClassReport; images: number }) {
  const data = useMemo(() => precisionRecallData(report, images), [report, images]);
  const title = `Precision and recall of ${report.label}`;
  return (
    <Figure
      title={title}
      note={`Average precision: ${metric(report.averagePrecision)}. The dashed line is guessing.`}
      columns={["Threshold", "Recall", "Precision"]}
      rows={(report.precisionRecall ?? []).map(({ threshold, x, y }) => [metric(threshold), metric(x), metric(y)])}
    >
      <Plot
        label={`${title}: average precision ${metric(report.averagePrecision)}`}
        data={data}
        shares={{ x: "recall", y: "precision" }}
      />
    </Figure>
  );
}

function Reliability({ calibration }: { calibration: Calibration }) {
  const data = useMemo(() => calibrationData(calibration), [calibration]);
  const { temperature, bins } = calibration;
  const filled = bins.filter((bin) => bin.images > 0);
  return (
    <Figure
      title="Calibration"
      note={
        "Below the dashed line, the model is surer than it is right." +
        (temperature
          ? ` With the temperature that fits DEV best, ${temperature.value.toPrecision(3)}, the calibration error would be ${metric(temperature.ece)}.`
          : "")
      }
      columns={["Probability", "Images", "Mean probability", "Right answers"]}
      rows={filled.map(({ low, high, images, confidence, accuracy }) => [
        `${low.toFixed(2)} to ${high.toFixed(2)}`,
        number(images),
        metric(confidence),
        metric(accuracy),
      ])}
    >
      <Plot
        label={`Share of right answers by probability, in ${filled.length} bins`}
        data={data}
        shares={{ x: "probability of the answer", y: "share that is right" }}
      />
    </Figure>
  );
}

/** Whether a larger memory, or more images, would help a detector. */
function MemorySize({ curve: { metric: name, images, points, note } }: { curve: MemoryCurve }) {
  const data = useMemo(() => ({ x: points.map(({ patches }) => patches), y: points.map(({ value }) => value) }), [points]);
  const value = name === "auroc" ? "AUROC on DEV" : "Mean distance on DEV";
  return (
    <Figure
      title="Size of the memory"
      note={`${note} Measured on ${count(images, "DEV image")}.`}
      columns={["Patches in the memory", value]}
      rows={points.map(({ patches, value }) => [number(patches), metric(value)])}
    >
      <Plot label={`${value} by number of patches in the memory. ${note}`} data={data} />
    </Figure>
  );
}
