import { useQuery } from "@tanstack/react-query";
import { facetsQuery } from "../api/projects";
import type { Task } from "../api/types";

/** The products of a project, which only anomaly detection has. */
export function useProducts(project: string, task: Task): string[] {
  const facets = useQuery({ ...facetsQuery(project, {}), enabled: task === "ANOMALY_DETECTION" });
  return (facets.data?.products ?? []).map(({ value }) => value);
}
