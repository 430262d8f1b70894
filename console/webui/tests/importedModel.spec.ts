import { expect } from "@playwright/test";
import { expectAccessible } from "./axe";
import { coloured } from "./drawn";
import { importAndFreeze } from "./imported";
import { test } from "./test";

/** A classifier from elsewhere becomes a model version in the browser. */
const project = `imported-${Date.now().toString(36)}`;
const NETWORK = "../../common/model/src/test/resources/dev/loupe/model/imported/resnet18-opset17.onnx";

test.beforeAll(async ({ request }) => {
  const created = await request.post("/api/v1/projects", { data: { name: project, task: "CLASSIFICATION" } });
  expect(created.status()).toBe(201);
  const files: Record<string, Buffer> = {};
  ["clean", "scratched", "stained"].forEach((label, index) => {
    for (let seed = 0; seed < 12; seed++) {
      files[`${label}/${seed}.png`] = coloured(900 + seed, index as 0 | 1 | 2);
    }
  });
  await importAndFreeze(request, project, files);
  // training-service learns of the version some moments later.
  await expect
    .poll(async () => (await request.get(`/api/v1/imported-models?project=${project}`)).status(), { timeout: 60_000 })
    .toBe(200);
});

test("imports a model from elsewhere, after labels that do not fit were refused", async ({ page, errors }) => {
  test.setTimeout(240_000);
  await page.goto(`/projects/${project}/models`);
  await page.getByRole("button", { name: "Import a model" }).click();
  const dialog = page.getByRole("dialog", { name: "Import a model" });
  await dialog.locator("input[type=file]").setInputFiles(NETWORK);
  await expect(dialog.getByRole("textbox", { name: "Name", exact: true })).toHaveValue("resnet18-opset17");
  await expect(dialog.getByLabel("Labels")).toHaveValue("clean\nscratched\nstained");
  await expectAccessible(page, "import a model");

  await dialog.getByLabel("Labels").fill("clean\nscratched");
  await dialog.getByRole("button", { name: "Import" }).click();
  await expect(dialog.getByText("That did not work")).toBeVisible({ timeout: 60_000 });
  await expect(dialog.getByRole("textbox", { name: "Name", exact: true })).toHaveValue("resnet18-opset17");
  errors.ignore(/422/);

  await dialog.getByLabel("Labels").fill("clean\nscratched\nstained\ndotted\nbent");
  await dialog.getByLabel("Another aspect ratio").selectOption("crop");
  await dialog.getByLabel("Share of the image").fill("0.875");
  await dialog.getByRole("button", { name: "Import" }).click();
  await expect(page).toHaveURL(new RegExp(`/projects/${project}/runs/[0-9a-f-]+$`), { timeout: 60_000 });
  await expect(page.getByText("Succeeded", { exact: true }).first()).toBeVisible({ timeout: 150_000 });

  await page.goto(`/projects/${project}/models`);
  const versions = page.getByRole("grid", { name: "Model versions" });
  await expect(versions.getByRole("link", { name: "Version 1", exact: true })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText("(evaluated only)")).toBeVisible();
  const imported = await (await page.request.get(`/api/v1/imported-models?project=${project}`)).json();
  expect(imported.items[0]).toMatchObject({ fit: "crop", centerCrop: 0.875, channelOrder: "RGB" });
});
