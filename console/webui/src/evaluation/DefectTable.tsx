import { Card, CardBody, CardTitle } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import type { Detection } from "../api/types";
import { count, metric, number } from "../ui/format";

/** How many images of each kind of defect are found, and how well the anomaly map finds where they are. */
export function DefectTable({ detection: { defects = [], localization } }: { detection: Detection }) {
  return (
    <Card>
      <CardTitle component="h2">Kinds of defects</CardTitle>
      <CardBody className="stack">
        {defects.length > 0 && (
          <div className="table-scroll">
            <Table variant="compact" borders={false} aria-label="Kinds of defects" gridBreakPoint="">
              <Thead>
                <Tr>
                  <Th>Kind of defect</Th>
                  <Th>Images</Th>
                  <Th>Found</Th>
                  {localization && <Th modifier="nowrap">Marked regions</Th>}
                  {localization && <Th>AUPRO</Th>}
                </Tr>
              </Thead>
              <Tbody>
                {defects.map(({ defect, images, found, regions, aupro }) => (
                  <Tr key={defect}>
                    <Td>{defect}</Td>
                    <Td className="number">{number(images)}</Td>
                    <Td className="number">{number(found)}</Td>
                    {localization && <Td className="number">{number(regions)}</Td>}
                    {localization && <Td className="number">{metric(aupro)}</Td>}
                  </Tr>
                ))}
              </Tbody>
            </Table>
          </div>
        )}
        {localization && (
          <p className="quiet metric-help">
            The metrics of pixels are measured on {count(localization.images, "image")} with{" "}
            {count(localization.regions, "marked region")}. A map that knows nothing reaches a pixel AUROC of 0.5 and an AUPRO of{" "}
            {localization.limit / 2}.
            {localization.withoutMask > 0 &&
              ` Without a mask, and left out: ${count(localization.withoutMask, "abnormal image")}.`}
          </p>
        )}
      </CardBody>
    </Card>
  );
}
