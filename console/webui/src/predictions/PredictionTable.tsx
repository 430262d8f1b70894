import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import type { LoggedPrediction } from "../api/types";
import { metric, Moment } from "../ui/format";

/** Address of the image of a prediction. */
export const predictionImageUrl = (project: string, id: string) =>
  `/api/v1/models/${encodeURIComponent(project)}/predictions/${id}/image`;

const COLUMNS = ["Outcome", "Score", "Threshold", "Size", "Brightness", "Sharpness", "Time"];

/** Logged predictions, the newest first. */
export function PredictionTable({ project, predictions }: { project: string; predictions: LoggedPrediction[] }) {
  const withImages = predictions.some((prediction) => prediction.imageKept);
  const withProducts = predictions.some((prediction) => prediction.product);
  const columns = ["When", "Version", "Label", ...(withProducts ? ["Product"] : []), ...COLUMNS];
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label="Predictions">
      <Table variant="compact" borders={false} aria-label="Predictions" gridBreakPoint="">
        <Thead>
          <Tr>
            {withImages && <Th screenReaderText="Image" />}
            {columns.map((column) => (
              <Th key={column} modifier="nowrap">
                {column}
              </Th>
            ))}
          </Tr>
        </Thead>
        <Tbody>
          {predictions.map((prediction) => (
            <Tr key={prediction.id} title={prediction.id}>
              {withImages && (
                <Td dataLabel="Image">
                  {prediction.imageKept && (
                    <img
                      className="prediction-thumbnail"
                      loading="lazy"
                      src={predictionImageUrl(project, prediction.id)}
                      alt={`Predicted as ${prediction.label}`}
                    />
                  )}
                </Td>
              )}
              <Td dataLabel="When">
                <Moment at={prediction.createdAt} />
              </Td>
              <Td dataLabel="Version">{prediction.version}</Td>
              <Td dataLabel="Label">{prediction.label}</Td>
              {withProducts && <Td dataLabel="Product">{prediction.product ?? "–"}</Td>}
              <Td dataLabel="Outcome">{prediction.outcome ?? <span className="quiet">–</span>}</Td>
              <Td dataLabel="Score">{metric(prediction.score)}</Td>
              <Td dataLabel="Threshold">{metric(prediction.threshold)}</Td>
              <Td dataLabel="Size" modifier="nowrap">{prediction.width ? `${prediction.width} × ${prediction.height}` : "–"}</Td>
              <Td dataLabel="Brightness">{measure(prediction.brightness)}</Td>
              <Td dataLabel="Sharpness">{measure(prediction.sharpness)}</Td>
              <Td dataLabel="Time">{Math.round(prediction.latencyMillis)} ms</Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
    </div>
  );
}

const measure = (value?: number) => (value === undefined ? "–" : String(Math.round(value)));
