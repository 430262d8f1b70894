import { Button, Content, Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { quantizationQuery } from "../api/models";
import type { ModelVersion, VersionQuantization } from "../api/types";
import { metricWords } from "../runs/metrics";
import { Failure } from "../ui/Failure";
import { count, metric } from "../ui/format";
import { LoadingRows } from "../ui/loading";

/** How a version does with 8-bit integers, compared with 32-bit floats. */
export function QuantizationDialog({ project, version, onClose }: { project: string; version: ModelVersion; onClose: () => void }) {
  const result = useQuery(quantizationQuery(project, version.number));
  const heading = useId();
  return (
    <Modal isOpen variant="small" onClose={onClose} aria-labelledby={heading}>
      <ModalHeader title={`Version ${version.number} with 8-bit integers`} labelId={heading} />
      <ModalBody>
        {result.isPending && <LoadingRows text="Loading the figures" />}
        {result.isError && (
          <Failure title="The figures could not be loaded" error={result.error} retry={() => result.refetch()} />
        )}
        {result.data && <Figures result={result.data} served={version.precision} />}
      </ModalBody>
      <ModalFooter>
        <Button variant="secondary" onClick={onClose}>
          Close
        </Button>
      </ModalFooter>
    </Modal>
  );
}

function Figures({ result, served }: { result: VersionQuantization; served?: string | null }) {
  return (
    <div className="stack">
      <Content component="p">
        {result.accepted ? "The package contains a model with 8-bit integers." : `There is none: ${result.reason}.`}
        {served && ` This version is served with ${served}.`}
      </Content>
      {result.metric && (
        <>
          <Table variant="compact" aria-label="Both precisions">
            <Thead>
              <Tr>
                <Th>{metricWords(result.metric).name} on DEV</Th>
                <Th>fp32</Th>
                <Th>int8</Th>
              </Tr>
            </Thead>
            <Tbody>
              <Tr>
                <Td>{count(result.images, "image")}</Td>
                <Td className="number">{metric(result.fp32)}</Td>
                <Td className="number">{metric(result.int8)}</Td>
              </Tr>
            </Tbody>
          </Table>
          <Content component="p">
            Both decide the same for {(100 * (result.agreement ?? 0)).toFixed(1)} % of the images. It is accepted if the
            metric falls by at most 0.005 and at least 99 % agree.
          </Content>
        </>
      )}
    </div>
  );
}
