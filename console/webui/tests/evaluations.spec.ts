import { type APIRequestContext, expect } from "@playwright/test";
import { expectAccessible } from "./axe";
import { coloured } from "./drawn";
import { importAndFreeze } from "./imported";
import { test } from "./test";

/** Two versions that were trained on different dataset versions: an evaluation makes them comparable. */
const project = `evaluated-${Date.now().toString(36)}`;
const url = (screen: string) => `/projects/${project}/${screen}`;
const LABELS = ["red", "green", "blue"];

test.describe.configure({ mode: "serial" });

async function train(request: APIRequestContext, datasetVersion: number) {
  const recipe = { name: "transfer", parameters: { imageSize: 64, epochs: 8 } };
  const data = { project, datasetVersion, recipe, withControl: false, checkLabels: false };
  // training-service learns of the version some moments later.
  await expect
    .poll(async () => (await request.post("/api/v1/runs", { data })).status(), { timeout: 60_000 })
    .toBe(202);
  await expect
    .poll(async () => (await request.get(`/api/v1/models/${project}/versions/${datasetVersion}`)).status(), { timeout: 150_000 })
    .toBe(200);
}

test.beforeAll(async ({ request }) => {
  test.setTimeout(360_000);
  const created = await request.post("/api/v1/projects", { data: { name: project, task: "CLASSIFICATION" } });
  expect(created.status()).toBe(201);
  const files: Record<string, Buffer> = {};
  LABELS.forEach((label, channel) => {
    for (let seed = 0; seed < 18; seed++) {
      const split = seed < 10 ? "train" : seed < 14 ? "val" : "test";
      files[`${split}/${label}/${seed}.png`] = coloured(2000 + seed, channel as 0 | 1 | 2);
    }
  });
  await importAndFreeze(request, project, files);
  await train(request, 1);
  await importAndFreeze(request, project, { "test/red/more.png": coloured(2100, 0), "test/blue/more.png": coloured(2100, 2) });
  await train(request, 2);
  const body = { version: 1, expectedGeneration: 0, force: false, reason: "the first one" };
  await expect
    .poll(async () => (await request.put(`/api/v1/models/${project}/aliases/production`, { data: body })).status(), { timeout: 60_000 })
    .toBe(200);
});

test("a promotion that lacks an evaluation leads to it, and passes afterwards", async ({ page }) => {
  test.setTimeout(240_000);
  await page.goto(url("models?promote=2"));
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("Inconclusive")).toBeVisible();
  await expectAccessible(page, "promotion that lacks an evaluation");
  await dialog.getByRole("button", { name: "Evaluate version 1 on dataset version 2" }).click();
  await expect(page).toHaveURL(url("models?evaluate=1&on=2"));
  await expect(dialog.getByRole("combobox", { name: "Dataset version" })).toHaveValue("2");
  await dialog.getByRole("button", { name: "Another project, and priority" }).click();
  await expect(dialog.getByLabel("Project of the dataset version")).toHaveValue(project);
  await dialog.getByRole("textbox", { name: "Priority" }).fill("101");
  await expect(dialog.getByRole("button", { name: "Evaluate", exact: true })).toBeDisabled();
  await dialog.getByRole("textbox", { name: "Priority" }).fill("20");
  await expectAccessible(page, "evaluate a version");
  await dialog.getByRole("button", { name: "Evaluate", exact: true }).click();

  await expect(page).toHaveURL(/runs\/[0-9a-f-]{36}$/);
  await expect(page.getByText("Evaluated model version 1 on dataset version 2")).toBeVisible({ timeout: 120_000 });
  const details = page.locator("dl");
  await expect(details.getByRole("link", { name: "Model version 1" })).toBeVisible();
  await expectAccessible(page, "evaluation run");
  const evaluation = page.url();

  await expect(async () => {
    await page.goto(url("models?promote=2"));
    await expect(dialog.getByText("Passed").or(dialog.getByText("Failed")).first()).toBeVisible({ timeout: 3_000 });
  }).toPass({ timeout: 60_000 });
  await expect(dialog.getByRole("button", { name: /^Evaluate version/ })).toHaveCount(0);

  // The same request leads to the same evaluation.
  await page.goto(url("models?evaluate=1&on=2"));
  await dialog.getByRole("button", { name: "Evaluate", exact: true }).click();
  await expect(page).toHaveURL(evaluation);
});

test("compared runs with different TEST images lead to an evaluation, from the page of the run", async ({ page, request }) => {
  const { items } = await (await request.get(`/api/v1/runs?project=${project}&kind=TRAINING`)).json();
  await page.goto(url(`runs/compare?ids=${items[1].id},${items[0].id}`));
  await page.getByRole("link", { name: "Evaluate model version 1 on version 2" }).click();
  await expect(page).toHaveURL(new RegExp(`runs/${items[1].id}\\?evaluate=?&on=2`));
  const dialog = page.getByRole("dialog", { name: "Evaluate version 1" });
  await expect(dialog.getByRole("combobox", { name: "Dataset version" })).toHaveValue("2");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(page).toHaveURL(url(`runs/${items[1].id}`));
  await page.getByRole("button", { name: "Evaluate", exact: true }).click();
  await expect(dialog).toBeVisible();
});

test("says why a version cannot be evaluated: the model lacks a label", async ({ page, request, errors }) => {
  await importAndFreeze(request, project, { "train/grey/one.png": coloured(2200, 0), "test/grey/one.png": coloured(2201, 0) });
  await page.goto(url("models"));
  await page.getByRole("row", { name: /^Version 2/ }).getByRole("button", { name: "Kebab toggle" }).click();
  await page.getByRole("menuitem", { name: "Evaluate" }).click();
  const dialog = page.getByRole("dialog", { name: "Evaluate version 2" });
  await expect(dialog.getByRole("combobox", { name: "Dataset version" })).toHaveValue("3");
  await dialog.getByRole("button", { name: "Evaluate", exact: true }).click();
  await expect(dialog.getByText("That did not work")).toBeVisible({ timeout: 60_000 });
  await expect(dialog.getByText(/grey/)).toBeVisible();
  await expectAccessible(page, "an evaluation that was refused");
  errors.ignore(/\b(404|422)\b/);
});
