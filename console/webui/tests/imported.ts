import { expect, type APIRequestContext } from "@playwright/test";
import { zip } from "./drawn";

/** Imports files into a project, and freezes a dataset version of all its images. */
export async function importAndFreeze(request: APIRequestContext, project: string, files: Record<string, Buffer>, note?: string) {
  const api = `/api/v1/projects/${project}`;
  const posted = await request.post(`${api}/imports`, { data: zip(files), headers: { "Content-Type": "application/zip" } });
  const { id } = await posted.json();
  await expect
    .poll(async () => (await (await request.get(`${api}/imports/${id}`)).json()).state, { timeout: 60_000 })
    .toBe("SUCCEEDED");
  expect((await request.post(`${api}/versions`, { data: { seed: 1, note } })).status()).toBe(201);
}
