import { useEffect } from "react";
import { useSearchParams } from "react-router";
import type { Task } from "../api/types";
import { withParameters } from "../ui/search";
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
      setSearch(withParameters({ columns: remembered }), { replace: true });
    }
  }, [named, remembered, setSearch]);
  const choose = (chosen: string[] | undefined) => {
    if (chosen) {
      localStorage.setItem(preference, chosen.join(","));
    } else {
      localStorage.removeItem(preference);
    }
    setSearch(withParameters({ choose: undefined, columns: chosen?.join(",") }), { replace: true });
  };
  return [(named ?? remembered)?.split(",") ?? defaultColumns(task), choose];
}
