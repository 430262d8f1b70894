import { expect } from "@playwright/test";
import { expectAccessible } from "./axe";
import { plate } from "./drawn";
import { importAndFreeze } from "./imported";
import { test } from "./test";

/** A detector whose threshold is moved over the scores of its DEV images, and saved. */
const project = `thresholds-${Date.now().toString(36)}`;

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
  add("train/good", 16, 800, false);
  add("validation/good", 8, 820, false);
  add("validation/scratch", 4, 830, true);
  add("test/good", 4, 840, false);
  add("test/scratch", 4, 850, true);
  await importAndFreeze(request, project, files);
  const data = { project, recipe: { name: "patchcore", parameters: { imageSize: 64, quantize: "auto" } } };
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

test("moves the threshold over the DEV images and saves it with a reason", async ({ page, request }) => {
  await page.goto(`/projects/${project}/models`);
  await page.getByRole("grid", { name: "Model versions" }).getByRole("button", { name: "Kebab toggle" }).click();
  await page.getByRole("menuitem", { name: "Threshold" }).click();
  await expect(page).toHaveURL(new RegExp(`/models/1/threshold$`));
  await expect(page.getByText("All DEV images are decided as with the current threshold.")).toBeVisible();
  await expect(page.getByText(/of 8 normal DEV images \(.* to .*\)/)).toBeVisible();
  await expectAccessible(page, "threshold");

  const slider = page.getByRole("slider", { name: "Threshold on the scores" });
  await slider.focus();
  await page.keyboard.press("Home"); // every DEV image is called abnormal
  await expect(page.getByText(/8 of 8 normal DEV images/)).toBeVisible();
  await expect(page.getByText(/0 of 4 abnormal DEV images/)).toBeVisible();
  // By hand: 0.025^(1/8) = 0.6306 is the lower limit of 8 of 8, so 63 %.
  await expect(page.getByText(/8 of 8 normal DEV images \(63 % to 100 %\)/)).toBeVisible();
  const flipped = page.getByRole("list", { name: "DEV images that change" }).getByRole("listitem");
  expect(await flipped.count()).toBeGreaterThan(0);
  await expect(flipped.first()).toContainText("becomes abnormal");
  await expect(page).toHaveURL(/threshold=/);
  await page.reload();
  await expect(page.getByText(/8 of 8 normal DEV images/)).toBeVisible();
  // The styles of the histogram are those of another page, which was not visited.
  const { height } = (await page.locator("svg.histogram").boundingBox())!;
  expect(height).toBeLessThan(400);

  await page.getByRole("button", { name: "Save as a new threshold version" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("button", { name: "Save" })).toBeDisabled();
  await dialog.getByRole("textbox", { name: "Reason" }).fill("look at all of them");
  await expectAccessible(page, "save a threshold");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("row", { name: /^2 current/ })).toContainText("look at all of them");
  await expect(page.getByRole("row", { name: /^1 / })).toBeVisible();
  await expect(page.getByText("All DEV images are decided as with the current threshold.")).toBeVisible();

  const predicted = await request.post(`/api/v1/models/${project}/predict?version=1`, {
    data: plate(900, false),
    headers: { "Content-Type": "image/png" },
  });
  const { anomaly } = await predicted.json();
  expect(anomaly).toMatchObject({ anomalous: true, thresholdVersion: 2 });
});

test("chooses a threshold by what it should achieve, or says what is missing", async ({ page, errors }) => {
  await page.goto(`/projects/${project}/models/1/threshold`);
  await page.getByRole("button", { name: "Choose", exact: true }).click();
  // By hand: ln(0.05) / ln(0.95) = 58.4, so 59 normal images are needed.
  await expect(page.getByText(/at least 59 normal DEV images, got 8: 51 more are needed/)).toBeVisible();
  errors.ignore(/422/);
  await page.getByRole("combobox", { name: "Choose by" }).selectOption("RECALL");
  await page.getByRole("textbox", { name: "Target in %" }).fill("100");
  await page.getByRole("button", { name: "Choose", exact: true }).click();
  await expect(page.getByText(/0 of 4 abnormal DEV images/)).toBeVisible();
  await page.getByRole("button", { name: "Save as a new threshold version" }).click();
  await page.getByRole("dialog").getByRole("textbox", { name: "Reason" }).fill("find them all");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("row", { name: /^3 current/ })).toContainText("recall of at least 100 %");
});

test("tells why a version has no model with 8-bit integers", async ({ page }) => {
  await page.goto(`/projects/${project}/models`);
  await page.getByRole("grid", { name: "Model versions" }).getByRole("button", { name: "Kebab toggle" }).click();
  await page.getByRole("menuitem", { name: "8-bit integers" }).click();
  const dialog = page.getByRole("dialog", { name: "Version 1 with 8-bit integers" });
  await expect(dialog.getByText(/There is none: DEV has 12 images, expected at least 20/)).toBeVisible();
  await expect(dialog.getByText(/This version is served with fp32/)).toBeVisible();
  await expectAccessible(page, "8-bit integers");
  await dialog.getByRole("button", { name: "Close" }).last().click();
  await expect(dialog).toBeHidden();
});

test("logs predictions once it is asked to, and shows them with their images", async ({ page, request }) => {
  await page.goto(`/projects/${project}/predictions`);
  await expect(page.getByRole("heading", { name: "Predictions are not logged" })).toBeVisible();
  await expectAccessible(page, "no predictions");
  await page.getByRole("button", { name: "Log predictions" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox", { name: "Predictions that are logged" }).selectOption("SAMPLED");
  await dialog.getByRole("textbox", { name: "Share in percent" }).fill("0");
  await expect(dialog.getByRole("button", { name: "Save" })).toBeDisabled();
  await dialog.getByRole("combobox", { name: "Predictions that are logged" }).selectOption("FULL");
  await dialog.getByRole("checkbox", { name: "Keep the images, too" }).check();
  await expectAccessible(page, "settings of the log");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("All predictions are logged, with their images, for 30 days.")).toBeVisible();

  const predicted = await request.post(`/api/v1/models/${project}/predict?version=1`, { data: plate(901, false) });
  const { predictionId } = await predicted.json();
  const row = `/api/v1/models/${project}/predictions/${predictionId}`;
  await expect.poll(async () => (await request.get(row)).status()).toBe(200);
  expect((await request.put(`${row}/outcome`, { data: { label: "normal" } })).status()).toBe(200);
  await page.reload();
  const table = page.getByRole("grid", { name: "Predictions" });
  await expect(table.getByRole("row").nth(1)).toContainText("normal");
  await expect(table.getByRole("img")).toBeVisible();
  await expect(page.getByRole("grid", { name: "Live metrics" })).toContainText("of 1");
  await expectAccessible(page, "predictions");
  await request.post(`/api/v1/models/${project}/predict?version=1`, { data: plate(902, false) });
  const waiting = page.getByRole("list", { name: "Predictions to look at" }).getByRole("listitem");
  await expect(async () => {
    await page.reload();
    await expect(waiting).toHaveCount(1, { timeout: 2_000 });
  }).toPass();
  await expectAccessible(page, "review queue");
  await waiting.getByRole("button", { name: "abnormal", exact: true }).click();
  await expect(page.getByText("No prediction of the last seven days waits for a look.")).toBeVisible();
  await expect(page.getByRole("grid", { name: "Live metrics" })).toContainText("of 2");
  const images = async () =>
    (await (await request.get(`/api/v1/projects/${project}/images?label=abnormal&text=${third.predictionId}`)).json()).items;
  const third = await (await request.post(`/api/v1/models/${project}/predict?version=1`, { data: plate(903, true) })).json();
  await expect(async () => {
    await page.reload();
    await expect(waiting).toHaveCount(1, { timeout: 2_000 });
  }).toPass();
  expect(await images()).toHaveLength(0);
  await page.getByRole("checkbox", { name: "Add the image to the project" }).check();
  await expectAccessible(page, "adding what was looked at");
  await waiting.getByRole("button", { name: "abnormal", exact: true }).click();
  await expect(page.getByText("No prediction of the last seven days waits for a look.")).toBeVisible();
  expect(await images()).toHaveLength(1);
  await page.getByRole("combobox", { name: "Version" }).selectOption("1");
  await expect(page).toHaveURL(/version=1/);
  await page.getByRole("spinbutton", { name: "Score from" }).fill("1000000");
  await expect(page.getByText("No prediction is like this.")).toBeVisible();
});
