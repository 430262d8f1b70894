import { expect, type Page } from "@playwright/test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { drop } from "./drop";
import { type Errors, test } from "./test";

/** The whole job on real images, where they are at hand: LOUPE_SHARED names the folder with `data/NAME.zip`. */
const data = join(process.env.LOUPE_SHARED ?? "../../../shared", "data");

test.describe.configure({ mode: "serial", timeout: 400_000 });

test("a factory person finds defects of hazelnuts", async ({ page, errors }) => {
  const project = await create(page, "hazelnut-toy", "Anomaly detection");
  await upload(page, project, "hazelnut-toy", "Normal images");
  await expect(page.getByText("Last archive: 51 images added")).toBeVisible({ timeout: 120_000 });
  await relabelFirst(page, project, "abnormal");
  await freeze(page, project, "hazelnuts");
  await train(page, errors, project, async () => {});
  await page.getByRole("link", { name: "TEST images" }).click();
  const images = page.getByRole("list", { name: "TEST images" }).getByRole("listitem");
  await expect(images.first()).toBeVisible();
  await expect(images.first().locator("img").nth(1)).toHaveJSProperty("complete", true);
  await train(page, errors, project, async () => {
    await page.getByLabel("Recipe").selectOption("patchcore");
    await page.getByLabel("Coreset ratio").fill("0.1");
  });
  await openWrong(page);
  await promoteBothAndRollBack(page, errors, project);
  const answer = await tryImage(page, project, "abnormal");
  await expect(answer).toContainText(/(Abnorm|Norm)al/);
  await expect(page.getByRole("img", { name: "Heatmap", exact: true })).toBeVisible();
});

test("an ML engineer classifies steel surfaces", async ({ page, errors }) => {
  const project = await create(page, "xsdd", "Classification");
  await upload(page, project, "xsdd", "Folders of classes");
  await expect(page.getByText("Last archive: 1,351 images added, 9 already in the project")).toBeVisible({ timeout: 200_000 });
  await relabelFirst(page, project, "red_iron");
  await freeze(page, project, "steel surfaces");
  const transfer = async (epochs: string) => {
    await page.getByLabel("Recipe").selectOption("transfer");
    await page.getByLabel("Epochs", { exact: true }).fill(epochs);
  };
  await train(page, errors, project, () => transfer("20"));
  await expect(page.getByRole("img", { name: /after each step/ })).toBeVisible();
  await expect(page.getByRole("row", { name: /^Accuracy/ })).toContainText(/0?\.9\d/);
  await train(page, errors, project, () => transfer("30"));
  await openWrong(page);
  await promoteBothAndRollBack(page, errors, project);
  const answer = await tryImage(page, project, "red_iron");
  await expect(answer).toContainText("red_iron");
});

async function create(page: Page, name: string, task: string) {
  const zip = join(data, `${name}.zip`);
  test.skip(!existsSync(zip), `skipped: there is no ${zip} (LOUPE_SHARED names the folder)`);
  const project = `${name}-${Date.now().toString(36)}`;
  await page.goto("/projects");
  await page.getByRole("button", { name: "New project" }).click();
  await page.getByLabel("Name").fill(project);
  await page.getByRole("radio", { name: task }).check();
  await page.getByRole("button", { name: "Create" }).click();
  await expect(page).toHaveURL(new RegExp(`/projects/${project}/images`));
  return project;
}

async function upload(page: Page, project: string, name: string, section: string) {
  await page.goto(`/projects/${project}/images?upload`);
  const content = readFileSync(join(data, `${name}.zip`));
  await drop(page, section, [{ name: `${name}.zip`, type: "application/zip", content }]);
}

/** Labels the first image otherwise and back again, by keyboard. */
async function relabelFirst(page: Page, project: string, other: string) {
  await page.goto(`/projects/${project}/images`);
  await page.getByRole("button", { name: /^Open / }).first().click();
  const labels = page.getByRole("group", { name: "Label" });
  const before = (await labels.getByRole("button", { pressed: true }).innerText()).trim().charAt(0);
  const wanted = labels.getByRole("button", { name: new RegExp(`^\\d ${other}$`) });
  await page.keyboard.press((await wanted.innerText()).trim().charAt(0));
  await page.keyboard.press("ArrowLeft");
  await expect(wanted).toHaveAttribute("aria-pressed", "true");
  await page.keyboard.press(before);
  await page.keyboard.press("Escape");
}

async function freeze(page: Page, project: string, note: string) {
  await page.goto(`/projects/${project}/versions`);
  await page.getByRole("button", { name: "Freeze a version" }).click();
  await page.getByLabel("Note").fill(note);
  await page.getByRole("button", { name: "Freeze", exact: true }).click();
  await expect(page).toHaveURL(/versions\/1$/);
}

async function train(page: Page, errors: Errors, project: string, fill: () => Promise<void>) {
  errors.ignore(/404/); // the version is so new that training-service may not know it
  await page.goto(`/projects/${project}/versions/1`);
  await page.getByRole("button", { name: "Train on this version" }).click();
  await fill();
  await page.getByRole("button", { name: "Start run" }).click();
  await expect(page).toHaveURL(/\/runs\/[0-9a-f-]{36}$/);
  await expect(page.getByText(/Trained in/)).toBeVisible({ timeout: 200_000 });
}

/** Opens an image that the run got wrong, if there is one; otherwise the first one. */
async function openWrong(page: Page) {
  await page.getByRole("link", { name: "TEST images" }).click();
  const wrong = page.getByRole("button", { name: /^Wrong \d/ });
  if (!(await wrong.innerText()).endsWith(" 0")) {
    await wrong.click();
    await expect(page).toHaveURL(/outcome=WRONG/);
  }
  await page.getByRole("list", { name: "TEST images" }).getByRole("listitem").first().getByRole("link").click();
  await expect(page).toHaveURL(/images\?image=[0-9a-f]{64}/);
}

async function promoteBothAndRollBack(page: Page, errors: Errors, project: string) {
  await page.goto(`/projects/${project}/models`);
  await expect(page.getByText("Ready", { exact: true })).toHaveCount(2, { timeout: 100_000 });
  for (const version of [1, 2]) {
    const row = page.getByRole("row", { name: new RegExp(`Version ${version}\\b`) });
    await row.getByRole("button", { name: "Kebab toggle" }).click();
    await page.getByRole("menuitem", { name: "Promote" }).click();
    await page.getByLabel("Reason").fill(`version ${version}`);
    await page.getByRole("button", { name: "Promote", exact: true }).click();
    const force = page.getByLabel("Promote although the quality check did not pass");
    const done = page.getByRole("heading", { level: 2, name: `production points at version ${version}` });
    await expect(force.or(done).first()).toBeVisible();
    if (await force.isVisible()) {
      await force.check();
      await page.getByRole("button", { name: "Promote", exact: true }).click();
      await expect(done).toBeVisible();
      errors.ignore(/409|422/); // the browser notes the refusal
    }
  }
  await page.getByRole("button", { name: "Roll back production" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Roll back", exact: true }).click();
  await expect(page.getByRole("heading", { level: 2, name: "production points at version 1" })).toBeVisible();
}

/** Tries a TEST image of the label. */
async function tryImage(page: Page, project: string, label: string) {
  const found = await page.request.get(`/api/v1/projects/${project}/images?label=${label}&split=TEST&limit=1`);
  const image = ((await found.json()) as { items: { sha256: string }[] }).items[0];
  const content = await page.request.get(`/api/v1/projects/${project}/images/${image.sha256}/content`);
  await page.goto(`/projects/${project}/try`);
  await drop(page, "Image", [
    { name: "one.png", type: content.headers()["content-type"], content: await content.body() },
  ]);
  const answer = page.getByRole("status", { name: "Answer" });
  await expect(answer).toContainText("Version 1 (production)");
  return answer;
}
