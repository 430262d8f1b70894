import { Content } from "@patternfly/react-core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, dataset } from "../api/client";
import { membersQuery } from "../api/access";
import type { Member } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { notify } from "../ui/notices";

/** Takes a person or a group its role in the project. */
export function RemoveMember({ project, member, onClose }: { project: string; member: Member; onClose: () => void }) {
  const { kind, name } = member;
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () =>
      ask(dataset.DELETE("/api/v1/projects/{project}/members", { params: { path: { project }, query: { kind, name } } })),
    onSuccess: async () => {
      await queries.invalidateQueries(membersQuery(project));
      notify(`${name} is no member of ${project} any more.`);
      onClose();
    },
  });
  return (
    <Dialog
      title={`Remove ${name}?`}
      danger
      submit="Remove"
      busy={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate()}
      onClose={onClose}
    >
      <Content component="p">
        All services know it within seconds. Roles in all projects{kind === "PERSON" && ", roles of groups"} and API tokens remain.
      </Content>
    </Dialog>
  );
}
