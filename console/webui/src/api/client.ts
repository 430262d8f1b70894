import createClient from "openapi-fetch";
import type { paths as DatasetPaths } from "./generated/dataset";
import type { paths as InferencePaths } from "./generated/inference";
import type { paths as TrainingPaths } from "./generated/training";
import { ApiError, unreachable } from "./problem";

/** Clients of the three services; the gateway finds the service by the path. */
export const dataset = createClient<DatasetPaths>({ baseUrl: "/" });
export const training = createClient<TrainingPaths>({ baseUrl: "/" });
export const inference = createClient<InferencePaths>({ baseUrl: "/" });

/** The body of a successful answer, or an ApiError. */
export async function ask<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  let answer;
  try {
    answer = await call;
  } catch (failed) {
    throw failed instanceof DOMException ? failed : unreachable();
  }
  if (!answer.response.ok) {
    throw ApiError.of(answer.response.status, answer.error);
  }
  return answer.data as T;
}

/** The answer; where there is nothing (404), the value. */
export async function absentAs<T, A>(value: A, answer: Promise<T>): Promise<T | A> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) {
      return value;
    }
    throw error;
  }
}

/** A key by which a service recognises a repeated request. */
export const idempotencyKey = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
