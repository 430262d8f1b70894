import { Button, Card, CardBody, CardHeader, CardTitle, Content } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, inference } from "../api/client";
import { approvalRequestsQuery, promotionChecksQuery } from "../api/models";
import type { ApprovalRequest } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { Failure } from "../ui/Failure";
import { TextField } from "../ui/TextField";
import { Moment } from "../ui/format";
import { LoadingRows } from "../ui/loading";
import { notify } from "../ui/notices";
import { Checks } from "./Checks";

export type Decision = "approve" | "reject";

interface Props {
  project: string;
  onDecide: (request: ApprovalRequest, decision: Decision) => void;
}

/** Promotions that wait for approval; nothing if there are none. */
export function ApprovalRequests({ project, onDecide }: Props) {
  const requests = useQuery(approvalRequestsQuery(project));
  if (requests.isError) {
    return <Failure title="The promotion requests could not be loaded" error={requests.error} retry={() => requests.refetch()} />;
  }
  if (!requests.data || requests.data.length === 0) {
    return null;
  }
  return (
    <Card>
      <CardHeader>
        <CardTitle component="h2">Waiting for approval</CardTitle>
      </CardHeader>
      <CardBody>
        <Table variant="compact" borders={false} aria-label="Promotions that wait for approval">
          <Thead>
            <Tr>
              <Th>Promotion</Th>
              <Th width={35}>Reason</Th>
              <Th>By</Th>
              <Th>When</Th>
              <Th screenReaderText="Decision" />
            </Tr>
          </Thead>
          <Tbody>
            {requests.data.map((request) => (
              <Tr key={request.number}>
                <Td dataLabel="Promotion">
                  {request.alias} to version {request.version}
                  {request.force && <div className="quiet">although checks do not pass</div>}
                </Td>
                <Td dataLabel="Reason">{request.reason ?? <span className="quiet">–</span>}</Td>
                <Td dataLabel="By">{request.actor}</Td>
                <Td dataLabel="When">
                  <Moment at={request.createdAt} />
                </Td>
                <Td isActionCell>
                  {(["approve", "reject"] as const).map((decision) => (
                    <Button
                      key={decision}
                      variant={decision === "approve" ? "secondary" : "link"}
                      size="sm"
                      onClick={() => onDecide(request, decision)}
                      aria-label={`${VERBS[decision]} request ${request.number}`}
                    >
                      {VERBS[decision]}
                    </Button>
                  ))}
                </Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
      </CardBody>
    </Card>
  );
}

const VERBS = { approve: "Approve", reject: "Reject" };

/** Decides on a promotion, with its checks as they are now in view. */
export function Decide({
  project,
  request,
  decision,
  onClose,
}: {
  project: string;
  request: ApprovalRequest;
  decision: Decision;
  onClose: () => void;
}) {
  const [comment, setComment] = useState("");
  const queries = useQueryClient();
  const checks = useQuery(promotionChecksQuery(project, request.alias, request.version, request.baseGeneration));
  const decide = useMutation({
    mutationFn: () => {
      const call = { params: { path: { project, number: request.number } }, body: { comment: comment.trim() } };
      return ask(
        decision === "approve"
          ? inference.POST("/api/v1/models/{project}/promotions/{number}/approve", call)
          : inference.POST("/api/v1/models/{project}/promotions/{number}/reject", call),
      );
    },
    onSuccess: () => {
      notify(
        decision === "approve"
          ? `${request.alias} points at version ${request.version}.`
          : `The promotion of version ${request.version} is rejected.`,
      );
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["models", project] }),
  });
  return (
    <Dialog
      title={`${VERBS[decision]} version ${request.version} for ${request.alias}?`}
      submit={VERBS[decision]}
      wide
      incomplete={decision === "reject" && !comment.trim()}
      busy={decide.isPending}
      error={decide.error}
      onSubmit={() => decide.mutate()}
      onClose={onClose}
    >
      <Content component="p">
        {request.actor} requested it{request.reason ? `: ${request.reason}` : "."}
      </Content>
      {checks.isError && <Failure title="The checks could not be made" error={checks.error} retry={() => checks.refetch()} />}
      {checks.isLoading && <LoadingRows text="Checking" rows={2} />}
      {checks.data && <Checks checks={checks.data.checks ?? []} />}
      <TextField
        label="Comment"
        value={comment}
        onChange={setComment}
        required={decision === "reject"}
        lines={2}
        maxLength={1000}
        help="It stays with the decision, with your name."
      />
    </Dialog>
  );
}
