import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ask, dataset } from "./client";
import { all, RESULTS } from "./paging";
import type {
  DatasetVersion,
  DeletionPreview,
  Finding,
  FindingKind,
  FindingPage,
  FindingState,
  Image,
  ImageFacets,
  ListedProject,
  PageOf,
  ProjectDetails,
  VersionChangeKind,
  VersionChangePage,
} from "./types";

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
