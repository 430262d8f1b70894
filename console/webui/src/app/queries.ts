import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiError, isUnauthenticated } from "../api/problem";
import { callerQuery } from "../api/access";

/** Asks who the caller is: without a login, the frame of all screens leads to the login page. */
function checkLogin(error: unknown) {
  if (isUnauthenticated(error)) {
    void queries.invalidateQueries({ ...callerQuery, refetchType: "active" });
  }
}

export const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => query.queryKey[0] !== callerQuery.queryKey[0] && checkLogin(error),
  }),
  mutationCache: new MutationCache({ onError: checkLogin }),
  defaultOptions: {
    // A request without a connection fails, and the page says so; otherwise it would wait without a word.
    mutations: { networkMode: "always" },
    queries: {
      networkMode: "always",
      staleTime: 5_000,
      // A service that restarts is back within seconds.
      retry: (count, error) => count < 3 && error instanceof ApiError && error.retryable && error.status !== 404,
      retryDelay: (count) => Math.min(1_000 * 2 ** count, 5_000),
    },
  },
});
