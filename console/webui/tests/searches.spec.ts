import { expect } from "@playwright/test";
import { expectAccessible } from "./axe";
import { scene } from "./drawn";
import { test } from "./test";

const project = `searches-${Date.now().toString(36)}`;
const api = `/api/v1/projects/${project}`;

test.beforeAll(async ({ request }) => {
  const created = await request.post("/api/v1/projects", { data: { name: project, task: "CLASSIFICATION" } });
  expect(created.status()).toBe(201);
  for (let seed = 0; seed < 24; seed++) {
    const split = seed < 12 ? "TRAIN" : seed < 18 ? "DEV" : "TEST";
    const added = await request.post(`${api}/images?name=${seed}.png&label=${seed % 2 ? "cat" : "dog"}&split=${split}`, {
      data: scene(seed, 0),
      headers: { "Content-Type": "application/octet-stream" },
    });
    expect(added.status()).toBe(201);
  }
  expect((await request.post(`${api}/versions`, { data: { seed: 1 } })).status()).toBe(201);
  // training-service learns of the version some moments later.
  await expect
    .poll(async () => (await request.get(`/api/v1/searches?project=${project}`)).status(), { timeout: 60_000 })
    .toBe(200);
});

test("a search tries parameters, and trains with the best", async ({ page }) => {
  test.setTimeout(240_000);
  await page.goto(`/projects/${project}/searches`);
  await page.getByRole("button", { name: "New search" }).click();
  await page.getByLabel("Recipe").selectOption("transfer");
  await expect(page.getByLabel("Learning rate", { exact: true })).toHaveValue("log:0.0003..0.03");
  await page.getByLabel("Batch size", { exact: true }).fill("eight");
  await expect(page.getByText("Type numbers with commas, or an interval: 0.001..0.1")).toBeVisible();
  await expect(page.getByRole("button", { name: "Start search" })).toBeDisabled();
  await page.getByLabel("Batch size", { exact: true }).fill("4, 8");
  await page.getByLabel("Hidden", { exact: true }).fill("");
  await page.getByLabel("Vary another parameter").selectOption("imbalance");
  await page.getByLabel("Imbalance", { exact: true }).fill("none, weights");
  await page.getByRole("button", { name: "The same in all trials" }).click();
  await page.getByLabel("Epochs", { exact: true }).fill("5");
  await page.getByLabel("Trials", { exact: true }).fill("0");
  await expect(page.getByRole("button", { name: "Start search" })).toBeDisabled();
  await page.getByLabel("Trials", { exact: true }).fill("2");
  await expectAccessible(page, "search form");
  await page.getByRole("button", { name: "Start search" }).click();

  await expect(page).toHaveURL(/searches\/[0-9a-f-]{36}$/);
  await expect(page.getByText("2 of 2 trials have ended, 0 of them failed.")).toBeVisible({ timeout: 120_000 });
  await expect(page.getByText("Succeeded", { exact: true }).first()).toBeVisible({ timeout: 90_000 });
  await expect(page.getByRole("heading", { name: /by learning rate$/ })).toBeVisible();
  const search = await (await page.request.get(`/api/v1/searches/${page.url().split("/").at(-1)}`)).json();
  expect(search.space).toMatchObject({ batchSize: { values: [4, 8] }, imbalance: { values: ["none", "weights"] } });
  expect(Object.keys(search.space)).not.toContain("hidden");
  expect(search.recipe.parameters.epochs).toBe(5);
  await expectAccessible(page, "search");
  await page.getByRole("link", { name: "The run with the best parameters" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("transfer");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Searches" }).click();
  await expect(page.getByRole("grid", { name: "Searches" }).or(page.getByRole("table", { name: "Searches" }))).toContainText("TPE");
  await expectAccessible(page, "searches");
});
