import { Card, CardBody, CardHeader, CardTitle, ExpandableSection, FormSelect, FormSelectOption } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useTheme } from "../app/theme";
import type { Run } from "../api/types";
import type { Point } from "./curve";
import { metric } from "../ui/format";
import { metricWords, sortedMetrics } from "./metrics";
import { curveKey } from "./useLiveRun";

const HEIGHT = 240;

/** A metric over the steps that were seen while this page was open. */
export function RunCurve({ run }: { run: Run }) {
  const points = useQuery<Point[]>({ queryKey: curveKey(run.id), queryFn: () => [], enabled: false, initialData: [] }).data;
  const names = sortedMetrics(Object.assign({}, ...points.map((point) => point.metrics)) as Record<string, number>).map(([name]) => name);
  const [chosen, setChosen] = useState<string>();
  const name = chosen ?? names[0];
  if (points.length < 2 || !name) {
    return null;
  }
  const shown = points.filter((point) => point.metrics[name] !== undefined);
  return (
    <Card>
      <CardHeader
        actions={{
          hasNoOffset: true,
          actions: (
            <FormSelect aria-label="Metric of the curve" value={name} onChange={(_, metric) => setChosen(metric)}>
              {names.map((metric) => (
                <FormSelectOption key={metric} value={metric} label={metricWords(metric).name} />
              ))}
            </FormSelect>
          ),
        }}
      >
        <CardTitle component="h2">Curve</CardTitle>
      </CardHeader>
      <CardBody>
        <Plot
          label={`${metricWords(name).name} after each step; the newest value is ${shown.at(-1)?.metrics[name]}`}
          steps={shown.map((point) => point.step)}
          values={shown.map((point) => point.metrics[name])}
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
              {shown.map((point) => (
                <Tr key={point.step}>
                  <Td dataLabel="Step">{point.step}</Td>
                  <Td dataLabel={metricWords(name).name} className="number">
                    {metric(point.metrics[name])}
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
    const style = getComputedStyle(document.documentElement);
    const colour = (token: string) => style.getPropertyValue(`--pf-t--global--${token}`).trim();
    const axis = { stroke: colour("text--color--subtle"), grid: { stroke: colour("border--color--subtle"), width: 1 } };
    const plot = new uPlot(
      {
        width: box.current!.clientWidth,
        height: HEIGHT,
        scales: { x: { time: false } },
        legend: { show: false },
        cursor: { show: false },
        axes: [axis, axis],
        series: [{}, { stroke: colour("color--brand--default"), width: 2, points: { show: steps.length < 40 } }],
      },
      [steps, values],
      box.current!,
    );
    const observer = new ResizeObserver(() => plot.setSize({ width: box.current!.clientWidth, height: HEIGHT }));
    observer.observe(box.current!);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [steps, values, dark]);
  return <div ref={box} role="img" aria-label={label} style={{ minBlockSize: HEIGHT }} />;
}
