/** An RFC 9457 problem document, as all services answer it. */
interface Problem {
  status?: number;
  title?: string;
  code?: string;
  detail?: string;
  retryable?: boolean;
}

/** A request that was refused or failed. Its message is a sentence for people. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryable: boolean,
  ) {
    super(message);
  }

  static of(status: number, body: unknown): ApiError {
    const problem: Problem = typeof body === "object" && body !== null ? body : parse(body);
    const code = problem.code ?? "INTERNAL";
    return new ApiError(status, code, sentence(status, code, problem), problem.retryable ?? status >= 502);
  }
}

/** Whether the request had no login that counts. */
export const isUnauthenticated = (error: unknown) => error instanceof ApiError && error.status === 401;

/** The error of a request that got no answer at all. */
export const unreachable = () =>
  new ApiError(
    0,
    "UNREACHABLE",
    "Loupe does not answer. Check that it is running and that this computer is connected; then try again.",
    true,
  );

/** What to tell a person about any error. */
export function messageOf(error: unknown): string {
  return error instanceof ApiError ? error.message : "The page failed to show this. Reload it; if that does not help, report it.";
}

/** Sentences for errors where the service's detail alone does not say what to do. */
const ADVICE: Record<string, string> = {
  PROJECT_EXISTS: "A project of this name exists already. Choose another name.",
  STALE_GENERATION: "Somebody moved the alias in the meantime. Look at where it points now, then decide again.",
  STALE_REVISION: "Somebody changed this in the meantime. Look at it as it is now, then change it again.",
  SELF_APPROVAL_REFUSED: "You requested this promotion yourself. Another person must decide on it.",
  STALE_THRESHOLD: "The threshold was changed in the meantime. Look at the new one, then decide again.",
  NOTHING_TO_ROLL_BACK: "There is no earlier version to go back to.",
  RUN_FINISHED: "The run has ended already, so there is nothing to cancel.",
  RUN_NOT_FINISHED: "The trainer of the run has not ended yet. Cancel the run if it goes on, else try again in some seconds.",
  QUEUE_FULL: "The queue is full. Wait until runs have ended, or cancel some, then start the run again.",
  ORIGIN_REFUSED: "Loupe refused the request because this address is not among those that it allows.",
  UNAUTHENTICATED: "You are not logged in, or your login has expired. Log in again.",
  OVERLOADED: "Loupe is busy right now. Try again in some seconds.",
};

function sentence(status: number, code: string, problem: Problem): string {
  const advice = ADVICE[code];
  if (advice) {
    return advice;
  }
  if (code === "PERMISSION_DENIED") {
    return `Your role does not allow this. ${finish(problem.detail ?? "Ask an administrator for another one.")}`;
  }
  if (problem.detail) {
    return finish(problem.detail);
  }
  if (status === 413) {
    return "The file is larger than Loupe accepts.";
  }
  return status >= 500
    ? "Loupe could not answer because of an internal error. Try again; its log says what happened."
    : `Loupe refused the request (${status}).`;
}

function finish(detail: string): string {
  const text = detail.charAt(0).toUpperCase() + detail.slice(1);
  return /[.!?]$/.test(text) ? text : text + ".";
}

function parse(body: unknown): Problem {
  try {
    return typeof body === "string" ? (JSON.parse(body) as Problem) : {};
  } catch {
    return {};
  }
}
