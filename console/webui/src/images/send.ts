import { ApiError, unreachable } from "../api/problem";
import type { UploadFile } from "./uploads";

const ATTEMPTS = 4;

/**
 * Sends one image, and says whether the project had it not yet. While the service is away or busy it is sent again; that is
 * safe, because the same bytes are the same image.
 */
export async function send(project: string, label: string | undefined, next: UploadFile, signal: AbortSignal) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await sendOnce(project, label, next, signal);
    } catch (error) {
      if (signal.aborted || attempt === ATTEMPTS || !(error instanceof ApiError && error.retryable)) {
        throw error;
      }
      await new Promise((resume) => setTimeout(resume, 1_000 * 2 ** attempt));
    }
  }
}

async function sendOnce(project: string, label: string | undefined, { file, path }: UploadFile, signal: AbortSignal) {
  const query = new URLSearchParams({ name: path.split("/").pop()! });
  if (label) {
    query.set("label", label);
  }
  let answer;
  try {
    answer = await fetch(`/api/v1/projects/${encodeURIComponent(project)}/images?${query}`, {
      method: "POST",
      body: file,
      headers: { "Content-Type": "application/octet-stream" },
      signal,
    });
  } catch {
    throw unreachable();
  }
  if (!answer.ok) {
    throw ApiError.of(answer.status, await answer.text());
  }
  return answer.status === 201;
}

/**
 * Starts the import of a zip archive; the import goes on without this page. Each one is new to Loupe.
 *
 * @param products whether folders within those of labels are products
 */
export async function sendArchive(project: string, file: File, products: boolean, signal: AbortSignal): Promise<true> {
  let answer;
  try {
    answer = await fetch(`/api/v1/projects/${encodeURIComponent(project)}/imports${products ? "?products=true" : ""}`, {
      method: "POST",
      body: file,
      headers: { "Content-Type": "application/zip" },
      signal,
    });
  } catch {
    throw unreachable();
  }
  if (!answer.ok) {
    throw ApiError.of(answer.status, await answer.text());
  }
  return true;
}
