import type { AuditFilter, AuditService } from "../api/access";
import type { AuditEntry } from "../api/types";

/** The services by what their changes are about. */
export const SERVICES: Record<AuditService, string> = {
  "dataset-service": "Projects, images, members, tokens",
  "training-service": "Runs and quotas",
  "inference-service": "Models and promotions",
};

/** The filter that stands in the address. */
export function filterOf(search: URLSearchParams): AuditFilter {
  const service = search.get("service") ?? "";
  return {
    service: service in SERVICES ? (service as AuditService) : "dataset-service",
    actor: search.get("actor") || undefined,
    action: search.get("action") || undefined,
    from: startOf(search.get("from")),
    to: startOf(search.get("to"), 1),
  };
}

/** The start of a day here, or of a later one; undefined if it is no day. */
function startOf(day: string | null, later = 0): string | undefined {
  if (!day || !/^\d{4}-\d{2}-\d{2}$/.test(day)) {
    return undefined;
  }
  const start = new Date(`${day}T00:00:00`);
  start.setDate(start.getDate() + later);
  return Number.isNaN(start.getTime()) ? undefined : start.toISOString();
}

/** The values before and after a change. */
export function values({ before, after }: AuditEntry): string | undefined {
  if (before === undefined && after === undefined) {
    return undefined;
  }
  return `${text(before)} → ${text(after)}`;
}

const text = (value: unknown) => (value === undefined ? "–" : typeof value === "string" ? value : JSON.stringify(value));
