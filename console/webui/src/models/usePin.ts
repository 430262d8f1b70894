import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, inference } from "../api/client";
import { messageOf } from "../api/problem";
import type { ModelVersion } from "../api/types";
import { notify } from "../ui/notices";

/** Keeps a version in the memory of each replica, or no longer. */
export function usePin(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ number, pinned }: ModelVersion) => {
      const path = "/api/v1/models/{project}/versions/{number}/pin";
      const params = { path: { project, number } };
      return pinned ? ask(inference.DELETE(path, { params })) : ask(inference.PUT(path, { params }));
    },
    onSuccess: (version) => notify(`Version ${version.number} ${version.pinned ? "stays in memory" : "is not pinned"}.`),
    onError: (error) => notify(messageOf(error), "danger"),
    onSettled: () => queries.invalidateQueries({ queryKey: ["models", project] }),
  });
}
