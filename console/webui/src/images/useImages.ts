import { useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { BLOCK, imageBlockQuery, type ImageSearch } from "../api/projects";
import type { Image } from "../api/types";

export interface Images {
  total: number;
  /** The image at a position of the whole list; nothing while it is not loaded. */
  at: (index: number) => Image | undefined;
  /** The position of an image among those that are loaded, or -1. */
  indexOf: (sha256: string) => number;
  /** Tells which positions are in view. */
  show: (first: number, last: number) => void;
}

/** The images that a search finds, loaded in blocks as they come into view. */
export function useImages(project: string, search: ImageSearch) {
  const queries = useQueryClient();
  const [range, setRange] = useState({ first: 0, last: 0 });
  const begin = useQuery(imageBlockQuery(project, search, 0));
  const blocks = Array.from({ length: range.last - range.first + 1 }, (_, at) => range.first + at);
  const loaded = useQueries({ queries: blocks.map((block) => imageBlockQuery(project, search, block)) });
  const arrived = loaded.map((block) => block.dataUpdatedAt).join();
  const total = begin.data?.total ?? 0;

  const show = useCallback((first: number, last: number) => {
    const next = { first: Math.floor(Math.max(first, 0) / BLOCK), last: Math.floor(Math.max(last, 0) / BLOCK) };
    setRange((before) => (before.first === next.first && before.last === next.last ? before : next));
  }, []);
  const images = useMemo<Images>(() => {
    const key = JSON.stringify(imageBlockQuery(project, search, 0).queryKey.slice(0, -1));
    const cached = (block: number) => queries.getQueryData(imageBlockQuery(project, search, block).queryKey)?.items;
    return {
      total,
      show,
      at: (index) => cached(Math.floor(index / BLOCK))?.[index % BLOCK],
      indexOf: (sha256) => {
        for (const query of queries.getQueryCache().findAll({ queryKey: ["projects", project, "images"] })) {
          if (JSON.stringify(query.queryKey.slice(0, -1)) === key) {
            const block = query.queryKey.at(-1) as number;
            const place = cached(block)?.findIndex((image) => image.sha256 === sha256) ?? -1;
            if (place >= 0) {
              return block * BLOCK + place;
            }
          }
        }
        return -1;
      },
    };
    // What has arrived decides what is found.
    // eslint-disable-next-line
  }, [queries, project, search, total, show, arrived, begin.dataUpdatedAt]);
  return { images, begin };
}
