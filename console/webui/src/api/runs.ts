import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { absentAs, ask, dataset, training } from "./client";
import { all, RESULTS } from "./paging";
import type {
  Backbone,
  DatasetVersion,
  Evaluation,
  LabelIssuePage,
  LearningCurve,
  MetricSeries,
  PageOf,
  PairedComparison,
  PairOutcome,
  Recipe,
  Run,
  RunComparison,
  Search,
  TestResultPage,
} from "./types";

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
