import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "../api/problem";

export const queries = new QueryClient({
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
