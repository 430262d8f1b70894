import { expect } from "@playwright/test";
import { expectAccessible } from "./axe";
import { darker, plate } from "./drawn";
import { importAndFreeze } from "./imported";
import { test } from "./test";

/** A detector that warns of a dark image, and learns from further normal images. */
const project = `extensions-${Date.now().toString(36)}`;

test.describe.configure({ mode: "serial" });

test.beforeAll(async ({ request }) => {
  test.setTimeout(240_000);
  const created = await request.post("/api/v1/projects", { data: { name: project, task: "ANOMALY_DETECTION" } });
  expect(created.status()).toBe(201);
  const files: Record<string, Buffer> = {};
  const add = (folder: string, count: number, from: number, scratch: boolean) => {
    for (let seed = from; seed < from + count; seed++) {
      files[`${folder}/${seed}.png`] = plate(seed, scratch);
    }
  };
  add("train/good", 16, 900, false);
  add("validation/good", 8, 920, false);
  add("validation/scratch", 4, 930, true);
  add("test/good", 4, 940, false);
  add("test/scratch", 4, 950, true);
  await importAndFreeze(request, project, files);
  const data = { project, recipe: { name: "patchcore", parameters: { imageSize: 64 } } };
  let run = "";
  // training-service learns of the version some moments later.
  await expect
    .poll(async () => (run = (await (await request.post("/api/v1/runs", { data })).json()).id), { timeout: 60_000 })
    .toMatch(/-/);
  await expect
    .poll(async () => (await (await request.get(`/api/v1/runs/${run}`)).json()).state, { timeout: 150_000 })
    .toBe("SUCCEEDED");
  await expect
    .poll(async () => (await (await request.get(`/api/v1/models/${project}/versions/1`)).json()).state, { timeout: 60_000 })
    .toBe("READY");
});

test("warns of an image that is darker than the normal ones", async ({ page }) => {
  await page.goto(`/projects/${project}/try?version=1`);
  const input = page.getByTestId("image");
  await input.setInputFiles({ name: "usual.png", mimeType: "image/png", buffer: plate(960, false) });
  const answer = page.getByRole("status", { name: "Answer" });
  await expect(answer.getByText("threshold version 1")).toBeVisible();
  await expect(answer.getByRole("list", { name: "Warnings" })).toHaveCount(0);

  await input.setInputFiles({ name: "dark.png", mimeType: "image/png", buffer: darker(960) });
  await expect(answer.getByRole("list", { name: "Warnings" })).toContainText("too dark");
  await expectAccessible(page, "a warning");
});

test("says where a model is looked at, promoted and adjusted that its threshold was chosen on few images", async ({ page, request }) => {
  const { items } = await (await request.get(`/api/v1/runs?project=${project}`)).json();
  for (const place of [`runs/${items[0].id}`, "models?promote=1", "models/1/threshold"]) {
    await page.goto(`/projects/${project}/${place}`);
    await expect(page.getByText("DEV has 8 normal images")).toBeVisible();
    await expectAccessible(page, `a warning about a model: ${place}`);
  }
  await page.goto(`/projects/${project}/models`);
  await expect(page.getByRole("row", { name: /^Version 1/ })).toContainText("1 warning");
});

test("lets a version learn from normal images of a further dataset version", async ({ page, request }) => {
  test.setTimeout(180_000);
  const files: Record<string, Buffer> = {};
  for (let seed = 970; seed < 976; seed++) {
    files[`train/good/${seed}.png`] = plate(seed, false);
  }
  await importAndFreeze(request, project, files);
  await page.goto(`/projects/${project}/models`);
  await page.getByRole("grid", { name: "Model versions" }).getByRole("button", { name: "Kebab toggle" }).click();
  await page.getByRole("menuitem", { name: "Learn from false alarms" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("combobox")).toHaveValue("2");
  await expectAccessible(page, "learn from false alarms");
  await dialog.getByRole("button", { name: "Extend" }).click();
  await expect(page).toHaveURL(/runs\/[0-9a-f-]{36}$/);
  await expect(page.getByText(/Extended the model of run .* by 6 images/)).toBeVisible({ timeout: 120_000 });
  await page.goto(`/projects/${project}/models`);
  await expect(page.getByRole("link", { name: "Version 2", exact: true })).toBeVisible();
});
