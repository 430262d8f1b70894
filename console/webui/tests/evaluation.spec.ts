import { type APIRequestContext, expect, type Page } from "@playwright/test";
import { pathToFileURL } from "node:url";
import { expectAccessible } from "./axe";
import { coloured } from "./drawn";
import { importAndFreeze } from "./imported";
import { type Errors, test } from "./test";

/** From a finished run to what it got wrong, to better labels, to the next run and its comparison with the first. */
const project = `colours-${Date.now().toString(36)}`;
const url = (screen: string) => `/projects/${project}/${screen}`;
const CLASSES = ["red", "green", "blue"];
let good: string;
let weak: string;

test.describe.configure({ mode: "serial" });

test.beforeAll(async ({ request }) => {
  test.setTimeout(240_000);
  const created = await request.post("/api/v1/projects", { data: { name: project, task: "CLASSIFICATION" } });
  expect(created.status()).toBe(201);
  const files: Record<string, Buffer> = {
    // Two images have the wrong label: one in TEST, one in TRAIN.
    "test/red/wrong-in-test.png": coloured(30, 1),
    "train/red/wrong-in-train.png": coloured(31, 1),
  };
  CLASSES.forEach((name, channel) => {
    const add = (split: string, count: number, from: number) => {
      for (let seed = from; seed < from + count; seed++) {
        files[`${split}/${name}/${name}-${seed}.png`] = coloured(seed, channel as 0 | 1 | 2);
      }
    };
    add("train", 10, 0);
    add("val", 4, 10);
    add("test", 6, 14);
  });
  await importAndFreeze(request, project, files, "first");
  good = await start(request, { epochs: 12, imageSize: 64 });
  weak = await start(request, { epochs: 1, imageSize: 64, learningRate: 1e-9 });
  for (const run of [good, weak]) {
    await expect
      .poll(async () => (await (await request.get(`/api/v1/runs/${run}`)).json()).state, { timeout: 150_000 })
      .toBe("SUCCEEDED");
  }
});

test("shows the evaluation of a run: intervals, matrix, classes and curves", async ({ page }) => {
  await page.goto(url(`runs/${good}`));
  await page.getByRole("link", { name: "Evaluation" }).click();
  await expect(page).toHaveURL(new RegExp(`runs/${good}/evaluation$`));
  await expect(page.getByRole("row", { name: /^Accuracy/ })).toContainText(/0\.\d{4} to [01]\.\d{4}/);
  await expect(page.getByRole("img", { name: /^ROC curve of/ })).toBeVisible();
  await expect(page.getByRole("img", { name: /^Precision and recall of/ })).toBeVisible();
  await expect(page.getByRole("img", { name: /^Share of right answers by probability/ })).toBeVisible();
  await expectAccessible(page, "evaluation");

  await page.getByRole("combobox", { name: "Class of the curves" }).selectOption("green");
  await expect(page).toHaveURL(/label=green/);
  await page.getByRole("button", { name: "Show as a table: ROC curve of green" }).click();
  await expect(page.getByRole("grid", { name: "ROC curve of green" }).getByRole("row").last()).toContainText("1.0000");
  const classes = page.getByRole("grid", { name: "Classes" });
  await classes.getByRole("columnheader", { name: "Precision", exact: true }).getByRole("button").click();
  await expect(page).toHaveURL(/sort=precision/);
  // An image that is labelled red is called green, so that the precision of green is the lowest.
  await expect(classes.getByRole("row").nth(1)).toContainText("green");
  await page.reload();
  await expect(classes.getByRole("row").nth(1)).toContainText("green");
  await expect(page.getByRole("img", { name: /^ROC curve of green/ })).toBeVisible();
});

test("saves the evaluation as a file that opens without a network", async ({ page, context }) => {
  await page.goto(url(`runs/${good}/evaluation`));
  const saving = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download report" }).click();
  const download = await saving;
  expect(download.suggestedFilename()).toBe(`report-${good}.html`);
  const file = test.info().outputPath("report.html");
  await download.saveAs(file);

  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  await context.setOffline(true);
  await page.goto(pathToFileURL(file).href);
  await context.setOffline(false);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(project);
  await expect(page.getByRole("row", { name: /^accuracy/ })).toContainText(/0\.\d{4}/);
  await expect(page.getByRole("img", { name: /^ROC curve/ })).toBeVisible();
  const thumbnail = page.getByRole("img", { name: "wrong-in-test.png" });
  await expect.poll(() => thumbnail.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  expect(requests.filter((request) => !/^(file|data):/.test(request))).toEqual([]);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page, `report, ${colorScheme}`);
  }
});

test("compares two runs image by image", async ({ page }) => {
  await page.goto(url("runs"));
  for (const run of [good, weak]) {
    await page.getByRole("row").filter({ hasText: run.slice(-6) }).getByRole("checkbox").check();
  }
  await page.getByRole("button", { name: "Compare 2 runs" }).click();
  await expect(page).toHaveURL(new RegExp(`ids=${good},${weak}`));
  await expect(page.getByRole("heading", { name: "Accuracy on the same 19 TEST images" })).toBeVisible();
  await expect(page.getByText(/^McNemar's exact test: p = /)).toBeVisible();
  await expect(page.getByText(/95 % interval of the difference: \S+ to \S+/)).toBeVisible();
  await expect(page.getByRole("row", { name: /^Balanced accuracy/ })).toContainText(/0\.\d{4} to [01]\.\d{4}/);
  const images = page.getByRole("list", { name: "Images with different answers" }).getByRole("listitem");
  await expect(images.first()).toBeVisible();
  await expectAccessible(page, "compare two runs");
  const only = page.getByRole("button", { name: new RegExp(`^Only ${good.slice(-6)} right`) });
  const number = Number((await only.innerText()).match(/\d+$/)![0]);
  await only.click();
  await expect(page).toHaveURL(/outcome=ONLY_RUN_RIGHT/);
  await expect(images).toHaveCount(number);
  await expect(images.first()).toContainText(`${weak.slice(-6)} wrong`);
  await page.getByRole("button", { name: "Swap" }).click();
  await expect(page).toHaveURL(new RegExp(`ids=${weak}(,|%2C)${good}`));
  await only.click();
  await expect(page).toHaveURL(/outcome=ONLY_OTHER_RIGHT/);
  await expect(images).toHaveCount(number);
});

test("goes from a cell of the matrix to a relabel in TEST, to the next run, which can't be compared", async ({ page, errors }) => {
  await page.goto(url(`runs/${good}`));
  await page.getByRole("link", { name: "Evaluation" }).click();
  await expect(page.getByRole("list", { name: "Most confident errors" })).toContainText("wrong-in-test.png");
  await page.getByRole("link", { name: "1 image, truth red, answer green" }).click();
  await expect(page).toHaveURL(/images\?truth=red&predicted=green/);
  const images = page.getByRole("list", { name: "TEST images" }).getByRole("listitem");
  await expect(images).toHaveCount(1);
  await page.reload();
  await expect(images).toHaveCount(1);
  // It is green, and so are the TRAIN images that it looks most like.
  await page.getByRole("switch", { name: "Most similar TRAIN images" }).press("Space");
  const similar = images.getByRole("link", { name: /^Open the similar TRAIN image/ });
  await expect(similar).toHaveCount(3);
  await expect(similar.first()).toContainText("green");
  await expect.poll(() => similar.first().locator("img").evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  const heatmap = images.locator("img[src*='/heatmap']");
  await expect.poll(() => heatmap.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  await expectAccessible(page, "TEST images of a cell");
  await images.getByRole("link", { name: /^Open .*wrong-in-test.png$/ }).click();
  await relabel(page, "green");
  await page.goBack();
  await expect(page).toHaveURL(/truth=red&predicted=green/);

  await freeze(page, 2);
  await again(page, errors, good, 2);
  await page.getByRole("button", { name: "Compare" }).click();
  // By default with the newest run before it.
  await page.getByRole("combobox", { name: "Other run" }).selectOption(good);
  await expect(page.getByText("The runs were measured on different TEST images")).toBeVisible();
  await expect(page.getByRole("row", { name: /^Accuracy/ }).getByText(/0\.\d{4} to [01]\.\d{4}|1\.0000 to 1\.0000/)).toHaveCount(2);
  await expect(page.getByText("McNemar")).toHaveCount(0);
  await expectAccessible(page, "compare runs with different TEST images");
  await page.getByRole("link", { name: "What changed from version 1 to 2" }).click();
  await expect(page.getByRole("list", { name: "Images that differ" })).toContainText("red → green");
});

test("goes from a relabel in TRAIN to the next run, and compares it with the one before", async ({ page, errors }) => {
  const found = await (await page.request.get(`/api/v1/runs?project=${project}`)).json();
  const second = (found.items as { id: string; datasetVersion: number }[]).find((run) => run.datasetVersion === 2)!.id;
  await page.goto(url("images?split=TRAIN&label=red"));
  await page.getByRole("button", { name: /^Open .*wrong-in-train.png$/ }).click();
  await relabel(page, "green");
  await freeze(page, 3);
  await again(page, errors, second, 3);
  await page.getByRole("button", { name: "Compare" }).click();
  await expect(page.getByRole("combobox", { name: "Other run" })).toHaveValue(second);
  await expect(page.getByRole("heading", { name: "Accuracy on the same 19 TEST images" })).toBeVisible();
  await expect(page.getByText(/^McNemar's exact test: p = /)).toBeVisible();
  await expect(page.getByText("The runs were measured on different TEST images")).toHaveCount(0);
  await expect(page.getByRole("row", { name: /^Dataset version/ })).toContainText(/3\s*2/);
});

async function start(request: APIRequestContext, parameters: object): Promise<string> {
  const data = { project, seed: 1, recipe: { name: "transfer", parameters } };
  let id = "";
  // training-service learns of the version some moments later.
  await expect
    .poll(async () => (id = (await (await request.post("/api/v1/runs", { data })).json()).id), { timeout: 60_000 })
    .toMatch(/-/);
  return id;
}

/** Labels the image that is open, and closes it. */
async function relabel(page: Page, label: string) {
  const button = page.getByRole("dialog").getByRole("button", { name: new RegExp(`^\\d ${label}$`) });
  await button.click();
  await expect(button).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByRole("dialog").getByText("changed it")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
}

async function freeze(page: Page, number: number) {
  const navigation = page.getByRole("navigation", { name: "Main" });
  await navigation.getByRole("link", { name: "Dataset versions" }).click();
  await page.getByRole("button", { name: "Freeze a version" }).click();
  await page.getByRole("button", { name: "Freeze", exact: true }).click();
  await expect(page).toHaveURL(url(`versions/${number}`));
}

/** Runs the same again on another version. */
async function again(page: Page, errors: Errors, run: string, version: number) {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Runs" }).click();
  await page.getByRole("link", { name: `transfer ${run.slice(-6)}` }).click();
  await page.getByRole("button", { name: "Run again with changes" }).click();
  await page.getByLabel("Dataset version").selectOption(String(version));
  await page.getByRole("button", { name: "Start run" }).click();
  await expect(page.getByText(/Trained in/)).toBeVisible({ timeout: 150_000 });
  errors.ignore(/404/); // the version is so new that training-service may not know it
}
