import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ask, dataset, inference, training } from "./client";
import { ApiError } from "./problem";
import type {
  AliasMove,
  ApiToken,
  ApprovalRequest,
  AuditPage,
  AuditVerification,
  Backbone,
  Caller,
  CanaryChange,
  DatasetVersion,
  DeletionPreview,
  DevScores,
  DisagreementReport,
  Drift,
  Evaluation,
  Finding,
  FindingKind,
  FindingPage,
  FindingState,
  LabelIssuePage,
  LearningCurve,
  LiveMetrics,
  LoggedPrediction,
  Image,
  ImageFacets,
  ListedProject,
  Member,
  MetricSeries,
  Model,
  ModelVersion,
  PageOf,
  PairedComparison,
  PairOutcome,
  PredictionCounts,
  PredictionLogState,
  ProjectDetails,
  ProjectLimits,
  PromotionPolicyState,
  Rollout,
  Recipe,
  ReviewKind,
  Run,
  RunComparison,
  Search,
  Tenant,
  TestResultPage,
  ThresholdRequest,
  ThresholdVersion,
  TokenLimits,
  VersionChangeKind,
  VersionChangePage,
  VersionQuantization,
} from "./types";

const all = { limit: 1000 };

/** Images of one request where they are shown with more than their thumbnail. */
const RESULTS = 48;

export const projectsQuery = queryOptions({
  queryKey: ["projects"],
  queryFn: ({ signal }) =>
    ask(dataset.GET("/api/v1/projects", { params: { query: all }, signal })) as Promise<PageOf<ListedProject>>,
});

export const projectQuery = (project: string) =>
  queryOptions({
    queryKey: ["projects", project],
    queryFn: ({ signal }) =>
      ask(dataset.GET("/api/v1/projects/{project}", { params: { path: { project } }, signal })) as Promise<ProjectDetails>,
  });

/** What a deletion of the project takes along in dataset-service; runs and models are asked for at their services. */
export const deletionPreviewQuery = (project: string) =>
  queryOptions({
    queryKey: ["projects", project, "deletion-preview"],
    queryFn: ({ signal }) =>
      ask(
        dataset.GET("/api/v1/projects/{project}/deletion-preview", { params: { path: { project } }, signal }),
      ) as Promise<DeletionPreview>,
  });

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

export interface ImageFilter {
  label?: string[];
  unlabelled?: boolean;
  split?: string[];
  product?: string[];
  text?: string;
}

export interface ImageSearch {
  filter: ImageFilter;
  sort?: string;
}

/** Images of one request; the grid asks for those that come into view. */
export const BLOCK = 120;

export const imageBlockQuery = (project: string, { filter, sort }: ImageSearch, block: number) =>
  queryOptions({
    queryKey: ["projects", project, "images", { filter, sort }, block],
    queryFn: ({ signal }) =>
      ask(
        dataset.GET("/api/v1/projects/{project}/images", {
          params: { path: { project }, query: { ...filter, sort: sort as never, limit: BLOCK, offset: block * BLOCK } },
          signal,
        }),
      ) as Promise<PageOf<Image> & { total: number }>,
    staleTime: 30_000,
  });

export const facetsQuery = (project: string, filter: ImageFilter) =>
  queryOptions({
    queryKey: ["projects", project, "images", "facets", filter],
    queryFn: ({ signal }) =>
      ask(
        dataset.GET("/api/v1/projects/{project}/images/facets", { params: { path: { project }, query: filter }, signal }),
      ) as Promise<ImageFacets>,
    placeholderData: keepPreviousData,
  });

/** The images of a project that have a mask, among its first 1,000 abnormal ones. */
export const maskedQuery = (project: string) =>
  queryOptions({
    queryKey: ["projects", project, "images", "masked"],
    queryFn: async ({ signal }) => {
      const page = (await ask(
        dataset.GET("/api/v1/projects/{project}/images", {
          params: { path: { project }, query: { label: ["abnormal"], ...all } },
          signal,
        }),
      )) as PageOf<Image>;
      return new Set(page.items.filter((image) => image.maskSha256).map((image) => image.sha256));
    },
    staleTime: 60_000,
  });

/** Findings of one request. */
const FINDINGS = 24;

/** Findings about the images of a project, the most severe first. */
export const findingsQuery = (project: string, state: FindingState, kind?: FindingKind) =>
  infiniteQueryOptions({
    queryKey: ["projects", project, "findings", { state, kind }],
    queryFn: ({ signal, pageParam: cursor }) =>
      ask(
        dataset.GET("/api/v1/projects/{project}/findings", {
          params: { path: { project }, query: { state: [state], kind: kind && [kind], limit: FINDINGS, cursor } },
          signal,
        }),
      ) as Promise<FindingPage>,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });

/** A finding with up to 1,000 of its images. */
export const findingQuery = (project: string, finding: string) =>
  queryOptions({
    queryKey: ["projects", project, "findings", finding],
    queryFn: ({ signal }) =>
      ask(
        dataset.GET("/api/v1/projects/{project}/findings/{finding}", { params: { path: { project, finding } }, signal }),
      ) as Promise<Finding>,
  });

export const versionsQuery = (project: string) =>
  queryOptions({
    queryKey: ["projects", project, "versions"],
    queryFn: async ({ signal }) => {
      const page = (await ask(
        dataset.GET("/api/v1/projects/{project}/versions", { params: { path: { project }, query: all }, signal }),
      )) as PageOf<DatasetVersion>;
      return page.items.toSorted((a, b) => b.number - a.number);
    },
  });

export const versionQuery = (project: string, number: number) =>
  queryOptions({
    queryKey: ["projects", project, "versions", number],
    queryFn: ({ signal }) =>
      ask(
        dataset.GET("/api/v1/projects/{project}/versions/{number}", { params: { path: { project, number } }, signal }),
      ) as Promise<DatasetVersion>,
    staleTime: Infinity,
  });

/** What differs in a version from another one. */
export const versionChangesQuery = (project: string, from: number, to: number, kind?: VersionChangeKind) =>
  infiniteQueryOptions({
    queryKey: ["projects", project, "versions", "changes", { from, to, kind }],
    queryFn: ({ signal, pageParam: cursor }) =>
      ask(
        dataset.GET("/api/v1/projects/{project}/versions/{number}/changes", {
          params: { path: { project, number: to }, query: { from, kind: kind && [kind], limit: RESULTS, cursor } },
          signal,
        }),
      ) as Promise<VersionChangePage>,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });

/** Runs of one request: older ones are not shown. */
export const MOST_RUNS = 200;

/** Runs, the newest first, with or without the trials of searches. A project whose images were never frozen has none. */
export const runsQuery = (project?: string, state?: Run["state"], trials = true) =>
  queryOptions({
    queryKey: ["runs", { project, state, trials }],
    queryFn: async ({ signal }): Promise<Run[]> => {
      if (project && !(await hasVersions(project, signal))) {
        return [];
      }
      const call = training.GET("/api/v1/runs", { params: { query: { project, state, trials, limit: MOST_RUNS } }, signal });
      return absentAs([], ask(call).then((page) => (page as PageOf<Run>).items));
    },
    refetchInterval: (query) => (query.state.data?.some(isActive) ? 2_000 : 10_000),
  });

/** training-service knows a project from its first version on, and browsers complain about every 404. */
async function hasVersions(project: string, signal: AbortSignal) {
  const first = (await ask(
    dataset.GET("/api/v1/projects/{project}/versions", { params: { path: { project }, query: { limit: 1 } }, signal }),
  )) as PageOf<DatasetVersion>;
  return first.items.length > 0;
}

export const isActive = (run: Run) => run.state === "QUEUED" || run.state === "STARTING" || run.state === "RUNNING";

export const runQuery = (run: string) =>
  queryOptions({
    queryKey: ["runs", run],
    queryFn: ({ signal }) => ask(training.GET("/api/v1/runs/{run}", { params: { path: { run } }, signal })) as Promise<Run>,
  });

/** Searches for parameters, the newest first. */
export const searchesQuery = (project: string) =>
  queryOptions({
    queryKey: ["searches", { project }],
    queryFn: async ({ signal }): Promise<Search[]> => {
      if (!(await hasVersions(project, signal))) {
        return [];
      }
      const call = training.GET("/api/v1/searches", { params: { query: { project, limit: MOST_RUNS } }, signal });
      return absentAs([], ask(call).then((page) => (page as unknown as PageOf<Search>).items));
    },
    refetchInterval: (query) => (query.state.data?.some(isSearching) ? 2_000 : 10_000),
  });

export const searchQuery = (search: string) =>
  queryOptions({
    queryKey: ["searches", search],
    queryFn: ({ signal }) =>
      ask(training.GET("/api/v1/searches/{search}", { params: { path: { search } }, signal })) as unknown as Promise<Search>,
    refetchInterval: (query) => (!query.state.data || isSearching(query.state.data) ? 2_000 : false),
  });

export const isSearching = (search: Search) => search.state === "SEARCHING" || search.state === "FINAL_RUN";

/** What a run measured at each step, up to now, and what its losses show. */
export const metricHistoryQuery = (run: Run) =>
  queryOptions({
    queryKey: ["runs", run.id, "metrics"],
    queryFn: ({ signal }) =>
      ask(training.GET("/api/v1/runs/{run}/metrics", { params: { path: { run: run.id } }, signal })),
    refetchInterval: (query) => run.state === "RUNNING" && (isLong(query.state.data?.series) ? 10_000 : 2_000),
  });

const isLong = (series: MetricSeries[] = []) => series.some(({ points }) => points.length > 1_000);

export interface ResultFilter {
  outcome?: "RIGHT" | "WRONG";
  truth?: string;
  predicted?: string;
}

/** What the model of a run predicts for the TEST images: the surely wrong ones first. Null if nothing was kept. */
export const testResultsQuery = (run: string, filter: ResultFilter) =>
  infiniteQueryOptions({
    queryKey: ["runs", run, "results", filter],
    queryFn: ({ signal, pageParam: cursor }): Promise<TestResultPage | null> =>
      absentAs(
        null,
        ask(
          training.GET("/api/v1/runs/{run}/results", {
            params: { path: { run }, query: { ...filter, limit: RESULTS, cursor } },
            signal,
          }),
        ) as Promise<TestResultPage>,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page?.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });

/** How well the model of a run does on the TEST images. Null if it was not evaluated. */
export const evaluationQuery = (run: string) =>
  queryOptions({
    queryKey: ["runs", run, "evaluation"],
    queryFn: ({ signal }): Promise<Evaluation | null> =>
      absentAs(
        null,
        ask(training.GET("/api/v1/runs/{run}/evaluation", { params: { path: { run } }, signal })) as unknown as Promise<Evaluation>,
      ),
    staleTime: Infinity,
  });

/** The first label that a run found to be probably wrong, and the numbers of all; null if it did not check them. */
export const labelIssuesQuery = (run: string) =>
  queryOptions({
    queryKey: ["runs", run, "label-issues"],
    queryFn: ({ signal }): Promise<LabelIssuePage | null> =>
      absentAs(
        null,
        ask(
          training.GET("/api/v1/runs/{run}/label-issues", { params: { path: { run }, query: { limit: 1 } }, signal }),
        ) as Promise<LabelIssuePage>,
      ),
    staleTime: Infinity,
  });

/** Whether more images would help, as a run measured it; null if it did not. */
export const learningCurveQuery = (run: string) =>
  queryOptions({
    queryKey: ["runs", run, "learning-curve"],
    queryFn: ({ signal }): Promise<LearningCurve | null> =>
      absentAs(
        null,
        ask(training.GET("/api/v1/runs/{run}/learning-curve", { params: { path: { run } }, signal })) as unknown as Promise<LearningCurve>,
      ),
    staleTime: Infinity,
  });

/** Two runs with the same TEST images, image by image, and the images that they disagree on. */
export const pairedComparisonQuery = (run: string, other: string, outcome?: PairOutcome) =>
  infiniteQueryOptions({
    queryKey: ["runs", run, "comparison", other, outcome],
    queryFn: ({ signal, pageParam: cursor }): Promise<PairedComparison> =>
      ask(
        training.GET("/api/v1/runs/{run}/comparison", {
          params: { path: { run }, query: { with: other, outcome, limit: RESULTS, cursor } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });

/** Runs side by side. */
export const comparisonQuery = (ids: string[]) =>
  queryOptions({
    queryKey: ["runs", "compare", ids],
    queryFn: ({ signal }) =>
      ask(
        training.GET("/api/v1/runs/compare", { params: { query: { ids: ids.join(",") } }, signal }),
      ) as unknown as Promise<RunComparison>,
  });

export const recipesQuery = queryOptions({
  queryKey: ["recipes"],
  queryFn: ({ signal }) =>
    ask(training.GET("/api/v1/recipes", { signal })).then((list) => (list as unknown as PageOf<Recipe>).items),
});

export const backbonesQuery = queryOptions({
  queryKey: ["backbones"],
  queryFn: ({ signal }) =>
    ask(training.GET("/api/v1/backbones", { params: { query: all }, signal })).then((page) => (page as PageOf<Backbone>).items),
});

/** What a project may have at the same time; without a number there is no limit. */
export interface Quota {
  project: string;
  maxRuns?: number | null;
  maxGpus?: number | null;
  weight: number;
}

export const quotasQuery = queryOptions({
  queryKey: ["quotas"],
  queryFn: async ({ signal }) => {
    const list = (await ask(training.GET("/api/v1/quotas", { signal }))) as unknown as { items: Quota[] };
    return list.items;
  },
});

/** What all projects of a tenant may have at the same time; without a number there is no limit. */
export interface TenantQuota {
  maxRuns?: number | null;
  maxGpus?: number | null;
}

export const tenantQuotaQuery = (tenant: string) =>
  queryOptions({
    queryKey: ["quotas", "tenants", tenant],
    queryFn: async ({ signal }) =>
      (await ask(training.GET("/api/v1/quotas/tenants/{tenant}", { params: { path: { tenant } }, signal }))) as TenantQuota,
  });

async function hasModel(project: string, signal: AbortSignal) {
  const page = (await ask(inference.GET("/api/v1/models", { params: { query: all }, signal }))) as PageOf<Model>;
  return page.items.some((model) => model.name === project);
}

/** Model versions, the newest first; a project without one has no model. */
export const modelVersionsQuery = (project: string) =>
  queryOptions({
    queryKey: ["models", project, "versions"],
    queryFn: async ({ signal }): Promise<ModelVersion[]> => {
      if (!(await hasModel(project, signal))) {
        return [];
      }
      const call = inference.GET("/api/v1/models/{project}/versions", { params: { path: { project }, query: all }, signal });
      return absentAs([], ask(call).then((page) => (page as PageOf<ModelVersion>).items));
    },
    refetchInterval: (query) => (query.state.data?.some((version) => version.state === "LOADING") ? 2_000 : 15_000),
  });

export const modelVersionQuery = (project: string, number: number) =>
  queryOptions({
    queryKey: ["models", project, "versions", number],
    queryFn: ({ signal }) =>
      ask(
        inference.GET("/api/v1/models/{project}/versions/{number}", { params: { path: { project, number } }, signal }),
      ) as unknown as Promise<ModelVersion>,
  });

/** How a version does with 8-bit integers. */
export const quantizationQuery = (project: string, number: number) =>
  queryOptions({
    queryKey: ["models", project, "versions", number, "quantization"],
    queryFn: ({ signal }) =>
      ask(
        inference.GET("/api/v1/models/{project}/versions/{number}/quantization", {
          params: { path: { project, number } },
          signal,
        }),
      ) as unknown as Promise<VersionQuantization>,
    staleTime: Infinity,
  });

/** Which predictions of a project are logged; null for a project without a model. */
export const predictionLogQuery = (project: string) =>
  queryOptions({
    queryKey: ["models", project, "prediction-log"],
    queryFn: async ({ signal }): Promise<PredictionLogState | null> => {
      if (!(await hasModel(project, signal))) {
        return null;
      }
      return ask(
        inference.GET("/api/v1/models/{project}/prediction-log", { params: { path: { project } }, signal }),
      ) as Promise<PredictionLogState>;
    },
  });

export interface PredictionFilter {
  version?: number;
  label?: string;
  product?: string;
  minScore?: number;
  maxScore?: number;
}

/** Predictions of one request. */
const PREDICTIONS = 50;

/** Logged predictions, the newest first. */
export const predictionsQuery = (project: string, filter: PredictionFilter) =>
  infiniteQueryOptions({
    queryKey: ["models", project, "predictions", filter],
    queryFn: ({ signal, pageParam: cursor }) =>
      ask(
        inference.GET("/api/v1/models/{project}/predictions", {
          params: { path: { project }, query: { ...filter, limit: PREDICTIONS, cursor } },
          signal,
        }),
      ) as unknown as Promise<PageOf<LoggedPrediction>>,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });

/** Logged predictions of the last 24 hours, by hour, version and label. */
export const predictionCountsQuery = (project: string) =>
  queryOptions({
    queryKey: ["models", project, "predictions", "counts"],
    queryFn: ({ signal }) =>
      ask(
        inference.GET("/api/v1/models/{project}/predictions/counts", { params: { path: { project } }, signal }),
      ) as unknown as Promise<PredictionCounts>,
    refetchInterval: 30_000,
  });

/** How right the logged predictions of the last 30 days were. */
export const liveMetricsQuery = (project: string) =>
  queryOptions({
    queryKey: ["models", project, "live-metrics"],
    queryFn: ({ signal }) =>
      ask(
        inference.GET("/api/v1/models/{project}/live-metrics", { params: { path: { project } }, signal }),
      ) as unknown as Promise<LiveMetrics>,
  });

/** Predictions without an outcome that a person should look at. */
export const reviewQueueQuery = (project: string, kind: ReviewKind) =>
  queryOptions({
    queryKey: ["models", project, "review-queue", kind],
    queryFn: async ({ signal }) => {
      const queue = await ask(
        inference.GET("/api/v1/models/{project}/review-queue", {
          params: { path: { project }, query: { kind, limit: 10 } },
          signal,
        }),
      );
      return queue.items as unknown as LoggedPrediction[];
    },
    placeholderData: keepPreviousData,
  });

/** Whether the predictions of a version have drifted. */
export const driftQuery = (project: string, number: number) =>
  queryOptions({
    queryKey: ["models", project, "versions", number, "drift"],
    queryFn: ({ signal }) =>
      ask(
        inference.GET("/api/v1/models/{project}/versions/{number}/drift", { params: { path: { project, number } }, signal }),
      ) as unknown as Promise<Drift>,
    refetchInterval: 30_000,
  });

/** The threshold versions of a detector, the current one first. */
export const thresholdsQuery = (project: string, number: number) =>
  queryOptions({
    queryKey: ["models", project, "versions", number, "thresholds"],
    queryFn: async ({ signal }) => {
      const page = await ask(
        inference.GET("/api/v1/models/{project}/versions/{number}/thresholds", {
          params: { path: { project, number }, query: all },
          signal,
        }),
      );
      return (page as unknown as PageOf<ThresholdVersion>).items;
    },
  });

/** What a threshold would do on the DEV images. Nothing is saved. */
export const previewThreshold = (project: string, number: number, request: ThresholdRequest, signal?: AbortSignal) =>
  ask(
    inference.POST("/api/v1/models/{project}/versions/{number}/thresholds", {
      params: { path: { project, number }, query: { dryRun: true } },
      body: request,
      signal,
    }),
  ) as unknown as Promise<ThresholdVersion>;

export const thresholdPreviewQuery = (project: string, number: number, request: ThresholdRequest) =>
  queryOptions({
    queryKey: ["models", project, "versions", number, "threshold-preview", request],
    queryFn: ({ signal }) => previewThreshold(project, number, request, signal),
    staleTime: Infinity,
  });

/** The scores of a detector for the DEV images, from its package; null if it has none. */
export const devScoresQuery = (project: string, number: number) =>
  queryOptions({
    queryKey: ["models", project, "versions", number, "dev-scores"],
    queryFn: async ({ signal }): Promise<DevScores | null> => {
      const file = (name: string) =>
        ask(
          inference.GET("/api/v1/models/{project}/versions/{number}/package/{file}", {
            params: { path: { project, number, file: name } },
            signal,
          }),
        ) as unknown;
      const manifest = (await file("manifest.json")) as { labels: string[]; files: Record<string, unknown> };
      if (!("dev-scores.json" in manifest.files)) {
        return null;
      }
      const images = (await file("dev-scores.json")) as Record<string, { label: string; score: number }>;
      return {
        normalLabel: manifest.labels[0],
        images: Object.entries(images).map(([sha256, image]) => ({ sha256, ...image })),
      };
    },
    staleTime: Infinity,
  });

export const aliasesQuery = (project: string) =>
  queryOptions({
    queryKey: ["models", project, "aliases"],
    queryFn: async ({ signal }): Promise<AliasMove[]> => {
      if (!(await hasModel(project, signal))) {
        return [];
      }
      const call = inference.GET("/api/v1/models/{project}/aliases", { params: { path: { project }, query: all }, signal });
      return absentAs([], ask(call).then((page) => (page as PageOf<AliasMove>).items));
    },
  });

export const aliasHistoryQuery = (project: string, alias: string) =>
  queryOptions({
    queryKey: ["models", project, "aliases", alias, "history"],
    queryFn: ({ signal }) =>
      ask(
        inference.GET("/api/v1/models/{project}/aliases/{alias}/history", {
          params: { path: { project, alias }, query: all },
          signal,
        }),
      ).then((page) => (page as PageOf<AliasMove>).items),
  });

/** The last change of the candidate of an alias; null if it has never had one. */
export const canaryQuery = (project: string, alias: string) =>
  queryOptions({
    queryKey: ["models", project, "aliases", alias, "canary"],
    queryFn: ({ signal }) =>
      ask(
        inference.GET("/api/v1/models/{project}/aliases/{alias}/canary/history", {
          params: { path: { project, alias }, query: { limit: 1 } },
          signal,
        }),
      ).then((page) => (page as PageOf<CanaryChange>).items[0] ?? null),
    refetchInterval: 15_000,
  });

/** The last rollout of an alias whose candidate has had one. */
export const rolloutQuery = (project: string, alias: string) =>
  queryOptions({
    queryKey: ["models", project, "aliases", alias, "rollout"],
    queryFn: ({ signal }) =>
      ask(
        inference.GET("/api/v1/models/{project}/aliases/{alias}/canary/rollout", {
          params: { path: { project, alias } },
          signal,
        }),
      ) as unknown as Promise<Rollout>,
    refetchInterval: 5_000,
  });

/** How often the last candidate of an alias and its holder disagree, and the last images. */
export const disagreementsQuery = (project: string, alias: string) =>
  queryOptions({
    queryKey: ["models", project, "aliases", alias, "disagreements"],
    queryFn: ({ signal }) =>
      ask(
        inference.GET("/api/v1/models/{project}/aliases/{alias}/canary/disagreements", {
          params: { path: { project, alias }, query: { limit: 24 } },
          signal,
        }),
      ) as unknown as Promise<DisagreementReport>,
    refetchInterval: 15_000,
  });

/** The checks of a promotion, as they are now: nothing is moved. */
export const promotionChecksQuery = (project: string, alias: string, version: number, generation: number) =>
  queryOptions({
    queryKey: ["models", project, "checks", alias, version, generation],
    queryFn: ({ signal }) =>
      ask(
        inference.PUT("/api/v1/models/{project}/aliases/{alias}", {
          params: { path: { project, alias }, query: { dryRun: true } },
          body: { version },
          signal,
        }),
      ) as Promise<AliasMove>,
  });

export const policyQuery = (project: string) =>
  queryOptions({
    queryKey: ["models", project, "policy"],
    queryFn: ({ signal }) =>
      ask(
        inference.GET("/api/v1/models/{project}/promotion-policy", { params: { path: { project } }, signal }),
      ) as Promise<PromotionPolicyState>,
  });

/** Promotions that wait for approval, the newest first. */
export const approvalRequestsQuery = (project: string) =>
  queryOptions({
    queryKey: ["models", project, "requests"],
    queryFn: ({ signal }) =>
      ask(
        inference.GET("/api/v1/models/{project}/promotions", {
          params: { path: { project }, query: { ...all, state: "PENDING" } },
          signal,
        }),
      ).then((page) => (page as PageOf<ApprovalRequest>).items),
    refetchInterval: 15_000,
  });

async function absentAs<T, A>(value: A, answer: Promise<T>): Promise<T | A> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) {
      return value;
    }
    throw error;
  }
}
