import { ApiError, unreachable } from "./problem";

/** Sends an ONNX file; returns the answer's body. */
export async function sendNetwork(address: string, query: URLSearchParams, file: File): Promise<unknown> {
  const answer = await fetch(`${address}?${query}`, {
    method: "POST",
    body: file,
    headers: { "Content-Type": "application/octet-stream" },
  }).catch(() => {
    throw unreachable();
  });
  const body = await answer.text();
  if (!answer.ok) {
    throw ApiError.of(answer.status, body);
  }
  return JSON.parse(body);
}
