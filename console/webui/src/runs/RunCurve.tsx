import { Alert, Card, CardBody, CardHeader, CardTitle, ExpandableSection, FormSelect, FormSelectOption } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { metricHistoryQuery } from "../api/runs";
import type { Run } from "../api/types";
import { Plot } from "../ui/Plot";
import { metric } from "../ui/format";
import { curveOf, trainedIn } from "./curve";
import { byMetric, metricWords } from "./metrics";

/** A metric over the steps of a run; while it goes on, new steps are added. */
export function RunCurve({ run }: { run: Run }) {
  const history = useQuery(metricHistoryQuery(run)).data;
  const measured = history?.series;
  const series = useMemo(() => measured?.toSorted((a, b) => byMetric(a.name, b.name)) ?? [], [measured]);
  const [chosen, setChosen] = useState<string>();
  const shown = series.find(({ name }) => name === chosen) ?? series.at(0);
  const [candidate, setCandidate] = useState<string>();
  const candidates = useMemo(() => (shown ? trainedIn(shown, run.selection) : []), [shown, run.selection]);
  const of = candidates.find(({ name }) => name === candidate) ?? candidates.at(0);
  const curve = useMemo(() => shown && curveOf(shown, of?.phase), [shown, of]);
  const data = useMemo(() => curve && { x: curve.steps, y: curve.values }, [curve]);
  if (!shown || !curve || !data || curve.steps.length < 2) {
    return null;
  }
  const { name } = shown;
  const { steps, values } = curve;
  return (
    <Card>
      <CardHeader
        actions={{
          hasNoOffset: true,
          actions: [
            candidates.length > 1 && (
              <FormSelect
                key="candidate"
                aria-label="Candidate of the curve"
                value={of?.name}
                onChange={(_, name) => setCandidate(name)}
              >
                {candidates.map((one) => (
                  <FormSelectOption key={one.name} value={one.name} label={one.name} />
                ))}
              </FormSelect>
            ),
            <FormSelect key="metric" aria-label="Metric of the curve" value={name} onChange={(_, metric) => setChosen(metric)}>
              {series.map((one) => (
                <FormSelectOption key={one.name} value={one.name} label={metricWords(one.name).name} />
              ))}
            </FormSelect>,
          ],
        }}
      >
        <CardTitle component="h2">Curve</CardTitle>
      </CardHeader>
      <CardBody className="stack">
        {history?.notes.map(({ kind, evidence, advice }) => (
          <Alert key={kind} isInline variant="info" title={kind === "OVERFITTING" ? "Overfitting" : "Underfitting"}>
            {evidence.replace(/^./, (first) => first.toUpperCase())} {advice}
          </Alert>
        ))}
        <Plot
          label={`${metricWords(name).name} after each step; the newest value is ${values.at(-1)}`}
          data={data}
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
