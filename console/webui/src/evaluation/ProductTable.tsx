import { Card, CardBody, CardTitle } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import type { ProductReport } from "../api/types";
import { metric, number } from "../ui/format";
import { intervalText } from "./report";

/** How well the model does on each product. */
export function ProductTable({ products }: { products: ProductReport[] }) {
  const told = products.some(({ nearest }) => nearest !== undefined);
  return (
    <Card>
      <CardTitle component="h2">Products</CardTitle>
      <CardBody className="stack">
        <div className="table-scroll">
          <Table variant="compact" borders={false} aria-label="Products" gridBreakPoint="">
            <Thead>
              <Tr>
                <Th>Product</Th>
                <Th>Normal</Th>
                <Th modifier="nowrap">False alarms</Th>
                <Th>Abnormal</Th>
                <Th>Misses</Th>
                <Th>AUROC</Th>
                <Th modifier="nowrap">95 % interval</Th>
                {told && <Th modifier="nowrap">Nearest memory</Th>}
              </Tr>
            </Thead>
            <Tbody>
              {products.map(({ product, normal, abnormal, auroc, falseAlarms, misses, nearest }) => (
                <Tr key={product}>
                  <Td>{product}</Td>
                  <Td className="number">{number(normal)}</Td>
                  <Td className="number">{number(falseAlarms)}</Td>
                  <Td className="number">{number(abnormal)}</Td>
                  <Td className="number">{number(misses)}</Td>
                  <Td className="number">{metric(auroc?.value)}</Td>
                  <Td className="number">{intervalText(auroc ?? {})}</Td>
                  {told && <Td className="number">{nearest === undefined ? "–" : number(nearest)}</Td>}
                </Tr>
              ))}
            </Tbody>
          </Table>
        </div>
        {told && (
          <p className="quiet metric-help">
            Nearest memory: images that are judged by the memory of their product even if the request does not name it.
          </p>
        )}
      </CardBody>
    </Card>
  );
}
