import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { isActive, runQuery } from "../api/runs";
import type { Run } from "../api/types";

/** A run as it is now: the service sends each change until the run has ended. */
export function useLiveRun(id: string) {
  const queries = useQueryClient();
  const run = useQuery(runQuery(id));
  const active = run.data !== undefined && isActive(run.data);
  useEffect(() => {
    if (!active) {
      return;
    }
    // The browser connects again by itself when the connection is lost.
    const events = new EventSource(`/api/v1/runs/${encodeURIComponent(id)}/events`);
    events.addEventListener("run", (event) => {
      const now = JSON.parse((event as MessageEvent<string>).data) as Run;
      queries.setQueryData(runQuery(id).queryKey, now);
      if (!isActive(now)) {
        events.close();
        void queries.invalidateQueries({ queryKey: ["runs"] });
        void queries.invalidateQueries({ queryKey: ["models"] });
      }
    });
    return () => events.close();
  }, [id, active, queries]);
  return run;
}
