import { useEffect } from "react";
import { useSearchParams } from "react-router";
import type { Task } from "../api/types";
import { defaultColumns } from "./columns";

/**
 * The names of the columns that a person chose for runs of a task: those of the address, else the last choice in this
 * browser, which then stands in the address too. Without any, the default ones.
 */
export function useColumns(task: Task): [string[], (chosen: string[] | undefined) => void] {
  const [search, setSearch] = useSearchParams();
  const preference = `runs.columns.${task}`;
  const named = search.get("columns");
  const remembered = localStorage.getItem(preference);
  useEffect(() => {
    if (named === null && remembered) {
      setSearch(
        (before) => {
          before.set("columns", remembered);
          return before;
        },
        { replace: true },
      );
    }
  }, [named, remembered, setSearch]);
  const choose = (chosen: string[] | undefined) => {
    if (chosen) {
      localStorage.setItem(preference, chosen.join(","));
    } else {
      localStorage.removeItem(preference);
    }
    setSearch(
      (before) => {
        before.delete("choose");
        before.delete("columns");
        if (chosen) {
          before.set("columns", chosen.join(","));
        }
        return before;
      },
      { replace: true },
    );
  };
  return [(named ?? remembered)?.split(",") ?? defaultColumns(task), choose];
}
