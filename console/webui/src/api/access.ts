import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ask, dataset } from "./client";
import { all } from "./paging";
import { ApiError } from "./problem";
import type {
  ApiToken,
  AuditPage,
  AuditVerification,
  Caller,
  Member,
  ProjectLimits,
  Tenant,
  TokenLimits,
} from "./types";

/** Who makes the requests; the mode says how the services know it. */
export const callerQuery = queryOptions({
  queryKey: ["caller"],
  queryFn: ({ signal }) => ask(dataset.GET("/api/v1/caller", { signal })) as Promise<Caller>,
});

/** @param project only the tokens for this project alone; absent: all tokens */
export const tokensQuery = (project?: string) =>
  queryOptions({
    queryKey: ["tokens", project ?? ""],
    queryFn: async ({ signal }) =>
      (await ask(dataset.GET("/api/v1/tokens", { params: { query: { ...all, project } }, signal }))).items as ApiToken[],
  });

/** The limits of a project, and what it uses of them. */
export const limitsQuery = (project: string) =>
  queryOptions({
    queryKey: ["projects", project, "limits"],
    queryFn: ({ signal }) =>
      ask(dataset.GET("/api/v1/projects/{project}/limits", { params: { path: { project } }, signal })) as Promise<ProjectLimits>,
  });

export const tokenLimitsQuery = (token: string) =>
  queryOptions({
    queryKey: ["tokens", token, "limits"],
    queryFn: ({ signal }) =>
      ask(dataset.GET("/api/v1/tokens/{token}/limits", { params: { path: { token } }, signal })) as Promise<TokenLimits>,
  });

/** All tenants, what each uses, and its limits. */
export const tenantsQuery = queryOptions({
  queryKey: ["tenants"],
  queryFn: async ({ signal }) => (await ask(dataset.GET("/api/v1/tenants", { signal }))).items as Tenant[],
});

export const membersQuery = (project: string) =>
  queryOptions({
    queryKey: ["projects", project, "members"],
    queryFn: async ({ signal }) =>
      (await ask(dataset.GET("/api/v1/projects/{project}/members", { params: { path: { project } }, signal }))).items as Member[],
  });

export type AuditService = "dataset-service" | "training-service" | "inference-service";

/** Which changes of a service are shown; `actor` is exact, `action` what it begins with. */
export interface AuditFilter {
  service: AuditService;
  project?: string;
  actor?: string;
  action?: string;
  from?: string;
  to?: string;
}

const AUDIT_ENTRIES = 50;

/** What a service answers that does not know the project yet. */
const UNKNOWN_PROJECT = ["PROJECT_NOT_FOUND", "MODEL_NOT_FOUND"];

/** The changes in the log of a service, the newest first. A service that does not know the project yet has none. */
export const auditQuery = ({ service, ...filter }: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ["audit", service, filter],
    queryFn: async ({ signal, pageParam: cursor }): Promise<AuditPage> => {
      try {
        return await ask(
          // The three services have this operation alike; the gateway finds the service by its name in the path.
          dataset.GET("/api/v1/audit/{service}", {
            params: { path: { service }, query: { ...filter, limit: AUDIT_ENTRIES, cursor } },
            signal,
          }),
        );
      } catch (failed) {
        if (failed instanceof ApiError && UNKNOWN_PROJECT.includes(failed.code) && service !== "dataset-service") {
          return { items: [] };
        }
        throw failed;
      }
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });

/** The verifications of the three logs; only when a person asks for them. */
export const auditVerificationQuery = queryOptions({
  queryKey: ["audit", "verification"],
  enabled: false,
  queryFn: ({ signal }) =>
    Promise.all(
      (["dataset-service", "training-service", "inference-service"] as const).map(async (service) => ({
        service,
        result: (await ask(
          dataset.GET("/api/v1/audit/{service}/verification", { params: { path: { service } }, signal }),
        )) as AuditVerification,
      })),
    ),
});
