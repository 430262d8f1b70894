import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { absentAs, ask, inference } from "./client";
import { all } from "./paging";
import type {
  AliasMove,
  ApprovalRequest,
  CanaryChange,
  DevScores,
  DisagreementReport,
  Drift,
  LiveMetrics,
  LoggedPrediction,
  Model,
  ModelVersion,
  PageOf,
  PredictionCounts,
  PredictionLogState,
  PromotionPolicyState,
  Rollout,
  ReviewKind,
  ThresholdRequest,
  ThresholdVersion,
  VersionQuantization,
} from "./types";

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
