import { Button } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import type { ResultFilter } from "../api/resources";
import type { TestResultPage } from "../api/types";
import { count, number } from "../ui/format";

/** Beyond this number of labels, the matrix is wider than a page. */
const MAX_LABELS = 12;

interface Props {
  cells: TestResultPage["confusion"];
  filter: ResultFilter;
  onChoose: (filter: ResultFilter) => void;
}

/** How many TEST images of a label got which answer; a number shows its images. */
export function ConfusionMatrix({ cells, filter, onChoose }: Props) {
  const labels = [...new Set(cells.flatMap(({ truth, predicted }) => [truth, predicted]))].sort();
  if (labels.length > MAX_LABELS) {
    return null;
  }
  const images = (truth: string, predicted: string) =>
    cells.find((cell) => cell.truth === truth && cell.predicted === predicted)?.images ?? 0;
  return (
    <Table variant="compact" borders={false} aria-label="TEST images by truth and answer" className="confusion">
      <Thead>
        <Tr>
          <Th>Truth</Th>
          {labels.map((predicted) => (
            <Th key={predicted}>answer {predicted}</Th>
          ))}
        </Tr>
      </Thead>
      <Tbody>
        {labels.map((truth) => (
          <Tr key={truth}>
            <Th scope="row">{truth}</Th>
            {labels.map((predicted) => (
              <Td key={predicted} dataLabel={`answer ${predicted}`} className="number">
                {images(truth, predicted) === 0 ? (
                  "0"
                ) : (
                  <Button
                    variant="link"
                    isInline
                    isDanger={truth !== predicted}
                    aria-pressed={filter.truth === truth && filter.predicted === predicted}
                    aria-label={`${count(images(truth, predicted), "image")}, truth ${truth}, answer ${predicted}`}
                    onClick={() => onChoose({ truth, predicted })}
                  >
                    {number(images(truth, predicted))}
                  </Button>
                )}
              </Td>
            ))}
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
