import { expect, type Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { expectAccessible } from "./axe";
import { plate } from "./drawn";
import { drop } from "./drop";
import { test } from "./test";

const project = `plates-${Date.now().toString(36)}`;
const url = (screen: string) => `/projects/${project}/${screen}`;

test.describe.configure({ mode: "serial" });

test("creates a project and says which task to choose", async ({ page }) => {
  await page.goto("/projects");
  await page.getByRole("button", { name: "New project" }).click();
  await expect(page).toHaveURL(/\?new/);
  await expectAccessible(page, "new project");
  await page.getByLabel("Name").fill("Not A Name");
  await expect(page.getByRole("button", { name: "Create" })).toBeDisabled();
  await page.getByLabel("Name").fill(project);
  await page.getByRole("radio", { name: "Anomaly detection" }).check();
  await page.getByRole("button", { name: "Create" }).click();
  await expect(page).toHaveURL(url("images?upload="));
  await expectAccessible(page, "images, empty");
});

test("uploads images by drag and drop; the section labels them", async ({ page }) => {
  await page.goto(url("images"));
  await dropPlates(page, "Normal images", 24, false);
  await expect(page.getByText("24 images added")).toBeVisible();
  await dropPlates(page, "Abnormal images", 8, true);
  await expect(page.getByText("8 images added")).toBeVisible();
  await expect(page.getByRole("list", { name: "Images" }).getByRole("listitem").first()).toBeVisible();
  await expectAccessible(page, "images");
  await page.getByRole("button", { name: "Close upload" }).click();
  await page.getByRole("combobox", { name: "Label" }).selectOption("abnormal");
  await expect(page).toHaveURL(/label=abnormal/);
  await expect(page.getByRole("list", { name: "Images" }).getByRole("listitem")).toHaveCount(8);
});

test("says why a file is refused", async ({ page, errors }) => {
  await page.goto(url("images") + "?upload");
  await page
    .getByTestId("files-Normal images")
    .setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("no image") });
  await expect(page.getByText("1 file refused")).toBeVisible();
  await page.getByRole("button", { name: "Show the refused files" }).click();
  await expect(page.getByText("notes.txt", { exact: true })).toBeVisible();
  errors.ignore(/415/); // the browser notes every refusal
});

test("relabels by keyboard, and goes back through the address", async ({ page }) => {
  await page.goto(url("images"));
  await page.getByRole("button", { name: /^Open / }).first().click();
  await expect(page).toHaveURL(/image=/);
  await expectAccessible(page, "image");
  const first = page.url();
  await page.keyboard.press("ArrowRight");
  await expect(page).not.toHaveURL(first);
  const second = page.url();
  await page.keyboard.press("2");
  await expect(page).not.toHaveURL(second);
  await page.keyboard.press("ArrowLeft");
  await expect(page.getByRole("button", { name: "2 abnormal" })).toHaveAttribute("aria-pressed", "true");
  await page.getByRole("button", { name: "1 normal" }).click();
  await expect(page.getByRole("button", { name: "1 normal" })).toHaveAttribute("aria-pressed", "true");
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(url("images"));
});

test("freezes a dataset version", async ({ page }) => {
  await page.goto(url("versions"));
  await expectAccessible(page, "dataset versions, empty");
  await page.getByRole("button", { name: "Freeze a version" }).click();
  await page.getByLabel("Note").fill("first images");
  await page.getByRole("button", { name: "Freeze", exact: true }).click();
  await expect(page).toHaveURL(url("versions/1"));
  await expect(page.getByText("first images")).toBeVisible();
  await expectAccessible(page, "dataset version");
});

test("starts a run from the recipe's form and follows it to its end", async ({ page }) => {
  await page.goto(url("versions/1"));
  await page.getByRole("button", { name: "Train on this version" }).click();
  await expect(page.getByLabel("Recipe")).toHaveValue("auto-anomaly");
  await page.getByLabel("Recipe").selectOption("patchcore");
  const ratio = page.getByLabel("Coreset ratio");
  await ratio.fill("7");
  await expect(page.getByText("Type a number from 0.000001 to 1.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Start run" })).toBeDisabled();
  await ratio.fill("");
  await page.getByLabel("Image size").fill("64");
  await expectAccessible(page, "new run");
  await page.getByRole("button", { name: "Start run" }).click();
  await expect(page.getByRole("heading", { name: /^patchcore/ })).toBeVisible();
  await expect(page.getByText(/Trained in/)).toBeVisible({ timeout: 150_000 });
  await expect(page.getByRole("row", { name: /^AUROC/ })).toBeVisible();
  await expectAccessible(page, "run");
  await page.getByRole("link", { name: "Runs" }).first().click();
  await expectAccessible(page, "runs");
});

test("shows the TEST images of the run with their heatmaps, and opens one in the dataset", async ({ page }) => {
  await page.goto(url("runs"));
  await page.getByRole("link", { name: /^patchcore/ }).click();
  await page.getByRole("link", { name: "TEST images" }).click();
  const images = page.getByRole("list", { name: "TEST images" }).getByRole("listitem");
  await expect(images.first()).toBeVisible();
  const all = await images.count();
  await page.getByRole("button", { name: /^Right / }).click();
  await expect(page).toHaveURL(/outcome=RIGHT/);
  await expect(images.filter({ hasText: "wrong" })).toHaveCount(0);
  await page.goBack();
  await expect(images).toHaveCount(all);
  const slider = page.getByRole("slider", { name: "Opacity of the heatmap" });
  await slider.focus();
  await page.keyboard.press("ArrowRight");
  await expect(slider).toHaveAttribute("aria-valuenow", "80");
  await expect(images.first().locator("img").nth(1)).toHaveCSS("opacity", "0.8");
  await page.getByRole("link", { name: "Evaluation" }).click();
  await expect(page.getByRole("img", { name: /^Numbers of normal and abnormal images by anomaly score/ })).toBeVisible();
  await expectAccessible(page, "evaluation of a detector");
  await page.getByRole("link", { name: /images?, truth abnormal, answer abnormal/ }).click();
  await expect(page).toHaveURL(/truth=abnormal/);
  await images.first().getByRole("link").click();
  await expect(page).toHaveURL(/images\?image=[0-9a-f]{64}/);
});

test("searches the log of the run and downloads it", async ({ page }) => {
  await page.goto(url("runs"));
  await page.getByRole("link", { name: /^patchcore/ }).click();
  await expect(page.getByRole("log", { name: "Log" })).toContainText("--- attempt 1 ---");
  const run = new URL(page.url()).pathname.split("/").at(-1);
  const whole = await (await page.request.get(`/api/v1/runs/${run}/logs`)).text();
  const matches = whole.match(/e/gi)!.length.toLocaleString("en");
  const find = page.getByRole("textbox", { name: "Search in the log" });
  await find.fill("E");
  const place = page.getByRole("status").filter({ hasText: "Matches" });
  await expect(place).toHaveText(`Matches: 1 of ${matches}`);
  await expect(page).toHaveURL(/find=E/);
  await find.press("Enter");
  await expect(place).toHaveText(`Matches: 2 of ${matches}`);
  await page.getByRole("button", { name: "Previous match" }).click();
  await page.getByRole("button", { name: "Previous match" }).click();
  await expect(place).toHaveText(`Matches: ${matches} of ${matches}`);
  const marked = () => page.evaluate(() => (CSS.highlights.get("log-match")?.size ?? 0).toLocaleString("en"));
  expect(await marked()).toBe(matches);
  await expectAccessible(page, "run, log searched");
  await page.reload();
  await expect(find).toHaveValue("E");
  await expect.poll(marked).toBe(matches);
  await find.fill("there is no such line");
  await expect(place).toHaveText("Matches: no match");
  expect(await marked()).toBe("0");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download" }).click();
  const file = await (await download).path();
  expect(readFileSync(file, "utf8")).toContain("--- attempt 1 ---");
});

test("shows the control of a run; compares it with a run without a control", async ({ page }) => {
  await page.goto(url("runs"));
  await page.getByRole("link", { name: /^patchcore/ }).click();
  await expect(page.getByRole("columnheader", { name: "Control" })).toBeVisible();
  await expect(page.getByText(/patchcore on a random network/)).toBeVisible();
  await expect(page.getByText(/The model is (not shown to be )?better than its control/)).toBeVisible();
  const run = new URL(page.url()).pathname.split("/").at(-1);
  await page.goto(url(`runs/new?from=${run}`));
  await page.getByLabel("Backbone").selectOption("random");
  await page.getByLabel("Image size").fill(""); // it has one size only
  await page.getByLabel("Make a model version").uncheck();
  await page.getByLabel("Train a control").uncheck();
  await page.getByRole("button", { name: "Start run" }).click();
  await expect(page.getByText(/Measured in/)).toBeVisible({ timeout: 150_000 });
  await expect(page.getByText("This run is a control")).toBeVisible();
  await expect(page.getByRole("columnheader", { name: "Control" })).toHaveCount(0);
  await page.goto(url("runs"));
  const runs = page.getByRole("row").filter({ hasText: "patchcore" });
  await expect(runs).toHaveCount(2);
  for (const row of await runs.all()) {
    await row.getByRole("checkbox").check();
  }
  await page.getByRole("button", { name: "Compare 2 runs" }).click();
  await expect(page.getByRole("row", { name: /Backbone/ })).toContainText("random");
  await expectAccessible(page, "compare runs");
  await page.getByLabel("Only what differs").click();
  await expect(page.getByRole("row", { name: /Coreset ratio/ })).toHaveCount(0);
});

test("chooses the columns of the runs and sorts them; the address and the browser keep that", async ({ page, context }) => {
  await page.goto(url("runs"));
  const table = page.getByRole("grid", { name: "Runs" });
  await expect(table.getByRole("columnheader", { name: "Backbone" })).toHaveCount(0);
  await page.getByRole("button", { name: "Columns" }).click();
  await expect(page).toHaveURL(/choose=/);
  await page.getByRole("checkbox", { name: "Backbone", exact: true }).check();
  await page.getByRole("checkbox", { name: "Seed", exact: true }).uncheck();
  await expectAccessible(page, "columns of the runs");
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await expect(page).toHaveURL(/columns=[^&]*parameter.backbone/);
  await expect(table.getByRole("columnheader", { name: "Seed" })).toHaveCount(0);
  const sort = table.getByRole("columnheader", { name: "Backbone" });
  await sort.getByRole("button").click();
  await expect(sort).toHaveAttribute("aria-sort", "ascending");
  const first = await table.getByRole("row").nth(1).getByRole("link").first().textContent();
  await sort.getByRole("button").click();
  await expect(page).toHaveURL(/sort=-parameter.backbone/);
  await expect(sort).toHaveAttribute("aria-sort", "descending");
  await expect(table.getByRole("row").nth(2).getByRole("link").first()).toHaveText(first!);
  await expectAccessible(page, "runs, with chosen columns");
  await page.goBack();
  await expect(sort).toHaveAttribute("aria-sort", "ascending");
  const other = await context.newPage();
  await other.goto(url("runs"));
  await expect(other.getByRole("columnheader", { name: "Backbone" })).toBeVisible();
  await expect(other).toHaveURL(/columns=/);
  await other.getByRole("button", { name: "Columns" }).click();
  await other.getByRole("button", { name: "Show the default columns" }).click();
  await expect(other.getByRole("columnheader", { name: "Backbone" })).toHaveCount(0);
  await expect(other).toHaveURL(url("runs"));
});

test("promotes the version with a reason, and keeps it in the history", async ({ page }) => {
  await page.goto(url("models"));
  await expect(page.getByText("Ready", { exact: true })).toBeVisible({ timeout: 60_000 });
  await page.getByRole("button", { name: "Kebab toggle" }).click();
  await page.getByRole("menuitem", { name: "Promote" }).click();
  await expect(page.getByRole("button", { name: "Promote", exact: true })).toBeDisabled();
  await page.getByLabel("Reason").fill("the first model");
  await expectAccessible(page, "promote");
  await page.getByRole("button", { name: "Promote", exact: true }).click();
  await expect(page.getByText("production points at version 1", { exact: true })).toBeVisible();
  await expect(page.getByText("the first model", { exact: true })).toBeVisible();
  await expectAccessible(page, "models");
  await page.goto(url("try"));
  await expect(page.getByText("production (version 1 now)")).toBeAttached();
  await expectAccessible(page, "try it");
});

test("sets the promotion policy", async ({ page }) => {
  await page.goto(url("models"));
  await page.getByRole("button", { name: "Promotion policy", exact: true }).click();
  await page.getByLabel("Smallest recalls").fill("abnormal");
  await expect(page.getByRole("button", { name: "Save" })).toBeDisabled();
  await page.getByLabel("Smallest recalls").fill("");
  await page.getByLabel("Smallest number of TEST images").fill("1");
  await expectAccessible(page, "promotion policy");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The promotion policy is saved.")).toBeVisible();
  await page.getByRole("button", { name: "Promotion policy", exact: true }).click();
  await expect(page.getByLabel("Smallest number of TEST images")).toHaveValue("1");
});

test("tries an image: dropped, and with another opacity of its heatmap", async ({ page }) => {
  await page.goto(url("try"));
  await dropPlates(page, "Image", 1, true);
  const answer = page.getByRole("status", { name: "Answer" });
  await expect(answer).toContainText("Abnormal");
  await expect(answer).toContainText("Version 1 (production)");
  await expect(answer).toContainText(/\d\sms/);
  await expect(answer.getByRole("img", { name: /^Score \S+, threshold \S+$/ })).toBeVisible();
  await expect(page.getByText(`predict'`)).toBeAttached();
  await expectHeatmapOverImage(page);
  const opacity = page.getByRole("slider", { name: "Heatmap opacity" });
  await opacity.press("ArrowLeft");
  await expect(opacity).not.toHaveAttribute("aria-valuenow", "100");
  await expectAccessible(page, "try it, answered");
  await page.getByRole("combobox", { name: "Version" }).selectOption("1");
  await expect(page).toHaveURL(url("try?version=1"));
  await expect(answer).toContainText("Version 1 (production)");
  await expect(page.getByText(`predict?version=1'`)).toBeAttached();
});

test("tries an image that is pasted, and one of the camera", async ({ page }) => {
  await page.goto(url("try"));
  await paste(page);
  const answer = page.getByRole("status", { name: "Answer" });
  await expect(answer).toContainText("Version 1");
  await expect(page.getByRole("img", { name: "pasted.png" })).toBeVisible();
  await page.getByRole("button", { name: "Use the camera" }).click();
  await expect(page).toHaveURL(/camera/);
  await expect(page.getByRole("button", { name: "Take the image" })).toBeEnabled();
  await expectAccessible(page, "camera");
  await page.getByRole("button", { name: "Take the image" }).click();
  await expect(page).toHaveURL(url("try"));
  await expect(page.getByRole("img", { name: "camera.png" })).toBeVisible();
  await expect(answer).toContainText("Version 1");
  await expectHeatmapOverImage(page);
});

test("says what to do when there is no answer", async ({ page, errors }) => {
  await page.goto(url("try"));
  const text = { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("no image") };
  await page.getByTestId("image").setInputFiles(text);
  await expect(page.getByText("Use JPEG, PNG, WebP, BMP or TIFF.", { exact: false }).last()).toBeVisible();
  await page.getByTestId("image").setInputFiles({ ...text, name: "large.png", buffer: Buffer.alloc(20_000_000) });
  await expect(page.getByText(/^The image is too large for a prediction/)).toBeVisible();
  await page.goto(url("try?version=77"));
  await page.getByTestId("image").setInputFiles({ name: "plate.png", mimeType: "image/png", buffer: plate(1, false) });
  await expect(page.getByText("There is no version '77'.")).toBeVisible();
  await page.getByRole("link", { name: "Go to the models" }).click();
  await expect(page).toHaveURL(url("models"));
  await page.route("**/predict?*", (route) => route.fulfill({ status: 429, json: { status: 429, code: "QUEUE_FULL", retryable: true } }));
  await page.goto(url("try"));
  await page.getByTestId("image").setInputFiles({ name: "plate.png", mimeType: "image/png", buffer: plate(1, false) });
  await expect(page.getByText("Too many images wait for the model.")).toBeVisible();
  await page.unroute("**/predict?*");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("status", { name: "Answer" })).toContainText("Version 1");
  errors.ignore(/\b(404|413|415|429)\b/);
});

test("sets a quota, and keeps what was typed when that fails", async ({ page, errors }) => {
  await page.goto("/system");
  await page.getByRole("button", { name: "Set a quota" }).click();
  await expect(page).toHaveURL(/\?quota=$/);
  await page.getByLabel("Project").selectOption(project);
  await page.getByLabel("Runs at a time").fill("two");
  await expect(page.getByText("Type a whole number from 0, or nothing for no limit.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Save" })).toBeDisabled();
  await page.getByLabel("Runs at a time").fill("2");
  await page.getByLabel("Weight").fill("1.5");
  await expectAccessible(page, "quota");
  await page.route("**/api/v1/quotas/*", (route) =>
    route.fulfill({ status: 503, json: { status: 503, code: "DATABASE_UNAVAILABLE", detail: "the database does not answer" } }),
  );
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The database does not answer.")).toBeVisible();
  await expect(page.getByLabel("Runs at a time")).toHaveValue("2");
  await page.unroute("**/api/v1/quotas/*");
  await page.getByRole("button", { name: "Save" }).click();
  const row = page.getByRole("grid", { name: "Quotas" }).getByRole("row", { name: new RegExp(project) });
  await expect(row).toContainText("1.5");
  await row.getByRole("button", { name: `Change the quota of ${project}` }).click();
  await expect(page).toHaveURL(`/system?quota=${project}`);
  await expect(page.getByLabel("Runs at a time")).toHaveValue("2");
  await page.getByLabel("Runs at a time").fill("");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(row.getByRole("gridcell", { name: "no limit" })).toHaveCount(2);
  errors.ignore(/503/);
});

test("deletes a run that no model version came of", async ({ page }) => {
  await page.goto(url("models"));
  const versions = page.getByRole("grid", { name: "Model versions" });
  await versions.getByRole("link", { name: "Version 1", exact: true }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page).toHaveURL(/\?delete=/);
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("Model version 1 came of this run")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Delete" })).toBeDisabled();
  await expectAccessible(page, "delete a run");
  await dialog.getByRole("link", { name: "Delete version 1 first" }).click();
  await expect(page).toHaveURL(url("models?delete=1"));
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await page.goto(url("runs"));
  const control = page.getByRole("row").filter({ hasText: "measures only" });
  await control.getByRole("button", { name: "Kebab toggle" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await dialog.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText(/Run \S+ is deleted\./)).toBeVisible();
  await expect(control).toHaveCount(0);
  await expect(page).toHaveURL(url("runs"));
});

test("compares two dataset versions", async ({ page, request }) => {
  const api = `/api/v1/projects/${project}`;
  const { items } = await (await request.get(`${api}/images?label=normal&limit=1`)).json();
  const changed = await request.patch(`${api}/images/${items[0].sha256}`, { data: { label: "abnormal" } });
  expect(changed.status()).toBe(200);
  const added = await request.post(`${api}/images?label=normal&name=new.png`, {
    data: plate(900, false),
    headers: { "Content-Type": "image/png" },
  });
  expect(added.status()).toBe(201);
  expect((await request.post(`${api}/versions`, { data: { seed: 1, note: "second" } })).status()).toBe(201);
  await page.goto(url("versions"));
  const versions = page.getByRole("grid", { name: "Dataset versions" });
  await expect(page.getByRole("button", { name: "Select two versions to compare" })).toBeVisible();
  for (const checkbox of await versions.getByRole("checkbox").all()) {
    await checkbox.check();
  }
  await page.getByRole("button", { name: "Compare the two versions" }).click();
  await expect(page).toHaveURL(url("versions/compare?from=1&to=2"));
  const images = page.getByRole("list", { name: "Images that differ" }).getByRole("listitem");
  await expect(page.getByRole("button", { name: "Added 1" })).toBeVisible();
  await expectAccessible(page, "compare versions");
  await page.getByRole("button", { name: "Relabelled 1" }).click();
  await expect(page).toHaveURL(/kind=RELABELLED/);
  await expect(images).toHaveCount(1);
  await expect(images).toContainText("normal → abnormal");
  await page.getByRole("button", { name: "Swap" }).click();
  await expect(images).toContainText("abnormal → normal");
  await expect(page).toHaveURL(/from=2&to=1&kind=RELABELLED/);
  await images.getByRole("link").click();
  await expect(page).toHaveURL(/images\?image=[0-9a-f]{64}/);
});

test("shows the system, and pages that are not there", async ({ page }) => {
  await page.goto("/system");
  await expect(page.getByText("inference-service", { exact: true })).toBeVisible();
  await expectAccessible(page, "system");
  await page.goto("/no-such-page");
  await expect(page.getByRole("heading", { name: "There is no such page" })).toBeVisible();
  await page.goto("/projects");
  await expect(page.getByRole("link", { name: project })).toBeVisible();
  await expectAccessible(page, "projects");
});

test("says what to do when a service is away", async ({ page, errors }) => {
  await page.route("**/api/v1/projects?*", (route) =>
    route.fulfill({
      status: 503,
      contentType: "application/problem+json",
      body: JSON.stringify({ status: 503, code: "SERVICE_UNAVAILABLE", detail: "dataset-service is not reachable", retryable: false }),
    }),
  );
  await page.goto("/projects");
  await expect(page.getByText("Dataset-service is not reachable.")).toBeVisible();
  await page.unroute("**/api/v1/projects?*");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("link", { name: project })).toBeVisible();
  errors.ignore(/503/);
});

test("deletes the project, and says what goes with it", async ({ page }) => {
  await page.goto("/projects");
  await page.getByRole("button", { name: `Actions for ${project}` }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await expect(page).toHaveURL(`/projects?delete=${project}`);
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText(/With it go 3\d images \([^)]+ labelled\), 2 dataset versions, 1 run, 1 model version\./);
  await expectAccessible(page, "delete a project");
  await dialog.getByLabel(`Type ${project} to confirm`).fill(project);
  await dialog.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText(`Project ${project} is deleted.`)).toBeVisible();
  await expect(page.getByRole("link", { name: project, exact: true })).toHaveCount(0);
});

/** The map within the heatmap, which also has a legend, covers the image. */
async function expectHeatmapOverImage(page: Page) {
  const heatmap = page.getByRole("img", { name: "Heatmap", exact: true });
  await expect(heatmap).toHaveCSS("opacity", "1");
  const scales = await heatmap.evaluate((drawn: HTMLImageElement) => {
    const image = drawn.parentElement!.querySelector("img")!;
    const [over, under] = [drawn.getBoundingClientRect(), image.getBoundingClientRect()];
    return {
      dx: over.left - under.left,
      dy: over.top - under.top,
      // The height without the legend of 30 pixels.
      height: (over.height * (drawn.naturalHeight - 30)) / drawn.naturalHeight / under.height,
      pixels: (over.width / drawn.naturalWidth) / (over.height / drawn.naturalHeight),
    };
  });
  expect(scales.dx).toBeCloseTo(0, 1);
  expect(scales.dy).toBeCloseTo(0, 1);
  expect(scales.height).toBeCloseTo(1, 2);
  expect(scales.pixels).toBeCloseTo(1, 2);
}

/** Pastes a drawn image as a browser does. */
async function paste(page: Page) {
  await page.getByRole("region", { name: "Image", exact: true }).waitFor();
  await page.evaluate((content) => {
    const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([bytes], "pasted.png", { type: "image/png" }));
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, plate(3, false).toString("base64"));
}

/** Drops drawn images. */
async function dropPlates(page: Page, section: string, count: number, scratch: boolean) {
  const files = Array.from({ length: count }, (_, seed) => ({
    name: `${scratch ? "scratch" : "good"}-${seed}.png`,
    type: "image/png",
    content: plate(scratch ? seed + 100 : seed, scratch),
  }));
  await drop(page, section, files);
}
