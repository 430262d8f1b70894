import { expect } from "@playwright/test";
import { expectAccessible } from "./axe";
import { coloured, scene } from "./drawn";
import { test } from "./test";

/** A class with a photo in TRAIN and a copy of it in TEST. */
const project = `findings-${Date.now().toString(36)}`;
const api = `/api/v1/projects/${project}`;
const url = `/projects/${project}/findings`;

test.describe.configure({ mode: "serial" });

test.beforeAll(async ({ request }) => {
  const created = await request.post("/api/v1/projects", { data: { name: project, task: "CLASSIFICATION" } });
  expect(created.status()).toBe(201);
  const add = async (name: string, data: Buffer, query: string) => {
    const headers = { "Content-Type": "application/octet-stream" };
    expect((await request.post(`${api}/images?name=${name}&${query}`, { data, headers })).status()).toBe(201);
  };
  await add("first.png", scene(1, 0), "label=cat&split=TRAIN");
  await add("copy.png", scene(1, 1), "label=cat&split=TEST");
  for (let seed = 2; seed < 8; seed++) {
    await add(`${seed}.png`, scene(seed, 0), `label=${seed % 2 ? "cat" : "dog"}`);
  }
});

test("shows images that look alike side by side, and links to them", async ({ page }) => {
  await page.goto(url);
  const first = page.getByRole("list", { name: "Findings", exact: true }).getByRole("listitem").first();
  await expect(first).toContainText("2 images look alike in TEST, TRAIN");
  await expect(first).toContainText("High");
  const images = first.getByRole("list", { name: "Images of the finding" }).getByRole("listitem");
  await expect(images).toHaveCount(2);
  await expectAccessible(page, "findings");
  await page.getByRole("button", { name: /^Near duplicates 1/ }).click();
  await expect(page).toHaveURL(/kind=NEAR_DUPLICATES/);
  await images.getByRole("link", { name: "Open first.png" }).click();
  await expect(page).toHaveURL(/images\?image=/);
});

test("a dismissal can be undone, and survives a reload", async ({ page }) => {
  await page.goto(`${url}?kind=NEAR_DUPLICATES`);
  const dismiss = page.getByRole("button", { name: /^Dismiss: 2 images/ });
  await dismiss.click();
  await expect(page.getByText("The finding is dismissed.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Nothing stands out" })).toBeVisible();
  await expectAccessible(page, "findings, empty");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(dismiss).toBeVisible();
  await dismiss.click();
  await expect(dismiss).toHaveCount(0);
  await page.reload();
  await page.getByRole("button", { name: "Dismissed 1" }).click();
  await expect(page).toHaveURL(/state=DISMISSED/);
  await expect(page.getByText(/^Dismissed by local/)).toBeVisible();
  await expectAccessible(page, "dismissed findings");
  await page.getByRole("button", { name: /^Reopen: 2 images/ }).click();
  await expect(page.getByText("The finding is open again.")).toBeVisible();
});

test("the warning of a freeze leads to the findings", async ({ page, request }) => {
  expect((await request.post(`${api}/versions`, { data: { seed: 1 } })).status()).toBe(201);
  await page.goto(`/projects/${project}/versions/1`);
  const warning = page.getByRole("listitem").or(page.locator(".pf-v6-c-alert")).filter({ hasText: /look alike in more than one split/ });
  await warning.getByRole("link", { name: "Show the findings" }).click();
  await expect(page).toHaveURL(/findings\?kind=NEAR_DUPLICATES/);
  await expect(page.getByText("2 images look alike in TEST, TRAIN")).toBeVisible();
});

test("an image is deleted and restored", async ({ page }) => {
  await page.goto(`${url}?kind=NEAR_DUPLICATES`);
  await page.getByRole("button", { name: "Delete copy.png" }).click();
  await expect(page.getByText("copy.png is deleted.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Nothing stands out" })).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("button", { name: "Delete copy.png" })).toBeVisible();
});

test("a label that a run finds to be wrong is set, and another one is kept", async ({ page, request }) => {
  test.setTimeout(300_000);
  const name = `labels-${Date.now().toString(36)}`;
  const path = `/api/v1/projects/${name}`;
  expect((await request.post("/api/v1/projects", { data: { name, task: "CLASSIFICATION" } })).status()).toBe(201);
  const add = async (file: string, data: Buffer, query: string) => {
    const headers = { "Content-Type": "application/octet-stream" };
    expect((await request.post(`${path}/images?name=${file}&${query}`, { data, headers })).status()).toBe(201);
  };
  for (let seed = 0; seed < 24; seed++) {
    const split = seed < 18 ? "TRAIN" : seed < 21 ? "DEV" : "TEST";
    // The first two red plates are called green.
    await add(`red-${seed}.png`, coloured(seed, 0), `label=${seed < 2 ? "green" : "red"}&split=${split}`);
    await add(`green-${seed}.png`, coloured(seed, 1), `label=green&split=${split}`);
  }
  expect((await request.post(`${path}/versions`, { data: { seed: 1 } })).status()).toBe(201);
  const run = { project: name, recipe: { name: "transfer", parameters: { epochs: 5 } } };
  await expect(async () => expect((await request.post("/api/v1/runs", { data: run })).status()).toBe(202)).toPass({ timeout: 60_000 });
  await expect
    .poll(async () => (await (await request.get(`${path}/findings?kind=LIKELY_WRONG_LABEL`)).json()).total, { timeout: 240_000 })
    .toBeGreaterThanOrEqual(2);

  await page.goto(`/projects/${name}/findings?kind=LIKELY_WRONG_LABEL`);
  await expect(page.getByText(/the label 'green' is probably wrong: 'red' is likelier/).first()).toBeVisible();
  await expectAccessible(page, "likely wrong labels");
  await page.getByRole("button", { name: "Set label to red: red-0.png" }).click();
  await expect(page.getByText("The label is red.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Set label to red: red-0.png" })).toHaveCount(0);
  // So few images of so few kinds: right labels may be among the suspects.
  const kept = page.getByRole("button", { name: /^Keep label/ });
  const suspects = await kept.count();
  await kept.first().click();
  await expect(kept).toHaveCount(suspects - 1);
  const counts = (await (await request.get(`${path}/findings?kind=LIKELY_WRONG_LABEL`)).json()).counts;
  expect(counts.find((one: { kind: string }) => one.kind === "LIKELY_WRONG_LABEL")).toMatchObject({ dismissed: 1 });
});
