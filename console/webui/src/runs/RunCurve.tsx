import { Card, CardBody, CardHeader, CardTitle, ExpandableSection, FormSelect, FormSelectOption } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useTheme } from "../app/theme";
import { metricSeriesQuery } from "../api/resources";
import type { Run } from "../api/types";
import { metric } from "../ui/format";
import { curveOf } from "./curve";
import { byMetric, metricWords } from "./metrics";

const HEIGHT = 240;

/** A metric over the steps of a run; while it goes on, new steps are added. */
export function RunCurve({ run }: { run: Run }) {
  const { data } = useQuery(metricSeriesQuery(run));
  const series = useMemo(() => data?.toSorted((a, b) => byMetric(a.name, b.name)) ?? [], [data]);
  const [chosen, setChosen] = useState<string>();
  const shown = series.find(({ name }) => name === chosen) ?? series.at(0);
  const curve = useMemo(() => shown && curveOf(shown), [shown]);
  if (!shown || !curve || curve.steps.length < 2) {
    return null;
  }
  const { name } = shown;
  const { steps, values } = curve;
  return (
    <Card>
      <CardHeader
        actions={{
          hasNoOffset: true,
          actions: (
            <FormSelect aria-label="Metric of the curve" value={name} onChange={(_, metric) => setChosen(metric)}>
              {series.map((one) => (
                <FormSelectOption key={one.name} value={one.name} label={metricWords(one.name).name} />
              ))}
            </FormSelect>
          ),
        }}
      >
        <CardTitle component="h2">Curve</CardTitle>
      </CardHeader>
      <CardBody>
        <Plot
          label={`${metricWords(name).name} after each step; the newest value is ${values.at(-1)}`}
          steps={steps}
          values={values}
        />
        <ExpandableSection toggleText="Show as a table">
          <Table variant="compact" borders={false} aria-label={`${metricWords(name).name} after each step`}>
            <Thead>
              <Tr>
                <Th>Step</Th>
                <Th>{metricWords(name).name}</Th>
              </Tr>
            </Thead>
            <Tbody>
              {steps.map((step, index) => (
                <Tr key={step}>
                  <Td dataLabel="Step">{step}</Td>
                  <Td dataLabel={metricWords(name).name} className="number">
                    {metric(values[index])}
                  </Td>
                </Tr>
              ))}
            </Tbody>
          </Table>
        </ExpandableSection>
      </CardBody>
    </Card>
  );
}

function Plot({ label, steps, values }: { label: string; steps: number[]; values: number[] }) {
  const box = useRef<HTMLDivElement>(null);
  const [dark] = useTheme();
  useEffect(() => {
    const element = box.current!; // also when a last change of its size is told after it has gone
    const style = getComputedStyle(document.documentElement);
    const colour = (token: string) => style.getPropertyValue(`--pf-t--global--${token}`).trim();
    const axis = { stroke: colour("text--color--subtle"), grid: { stroke: colour("border--color--subtle"), width: 1 } };
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        scales: { x: { time: false } },
        legend: { show: false },
        cursor: { show: false },
        axes: [axis, axis],
        series: [{}, { stroke: colour("color--brand--default"), width: 2, points: { show: steps.length < 40 } }],
      },
      [steps, values],
      element,
    );
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [steps, values, dark]);
  return <div ref={box} role="img" aria-label={label} style={{ minBlockSize: HEIGHT }} />;
}
