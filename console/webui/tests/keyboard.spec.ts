import { expect, type Locator, type Page } from "@playwright/test";
import { coloured } from "./drawn";
import { test } from "./test";

/** The whole job of a classifier, by keyboard alone: what is needed is reached with the tabulator. No mouse event is sent. */
const project = `keyboard-${Date.now().toString(36)}`;
const CLASSES = ["blue", "green"];
const EACH = 16;
const MAX_TABS = 150;

test.describe.configure({ mode: "serial" });

test("creates a project for classification", async ({ page }) => {
  await page.goto("/projects");
  await press(page, page.getByRole("button", { name: "New project" }));
  await expect(page.getByLabel("Name")).toBeFocused();
  await page.keyboard.type(project);
  await tabTo(page, page.getByRole("radio", { checked: true }));
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("radio", { name: "Classification" })).toBeChecked();
  await press(page, page.getByRole("button", { name: "Create" }));
  await expect(page).toHaveURL(new RegExp(`/projects/${project}/images`));
});

test("uploads images without a label, and labels them with digits", async ({ page }) => {
  await open(page, "Images"); // of an empty project: shows where to upload
  const zone = page.getByRole("region", { name: "Images without a label" });
  const chooser = page.waitForEvent("filechooser");
  await press(page, zone.getByRole("button", { name: "Choose files" }));
  await (await chooser).setFiles(
    CLASSES.flatMap((name, channel) =>
      Array.from({ length: EACH }, (_, seed) => ({
        name: `${name}-${seed}.png`,
        mimeType: "image/png",
        buffer: coloured(seed, channel === 0 ? 2 : 1),
      })),
    ),
  );
  await expect(page.getByText(`${CLASSES.length * EACH} images added`)).toBeVisible();
  await press(page, page.getByRole("button", { name: /^Open / }).first());
  const viewer = page.getByRole("dialog");
  const named = new Set<string>();
  const begin = Date.now();
  for (let image = 0; image < CLASSES.length * EACH; image++) {
    const label = (await viewer.getByRole("heading", { level: 1 }).innerText()).match(/blue|green/)![0];
    const at = page.url();
    if (named.has(label)) {
      const button = viewer.getByRole("button", { name: new RegExp(`^\\d ${label}$`) });
      await page.keyboard.press((await button.innerText()).trim().charAt(0)); // goes on to the next image
    } else {
      named.add(label);
      await press(page, viewer.getByRole("button", { name: "New label…" }));
      await expect(page.getByRole("textbox", { name: /^Label/ }).last()).toBeFocused();
      await page.keyboard.type(label);
      await page.keyboard.press("Enter");
      await expect(viewer.getByRole("button", { name: new RegExp(`^\\d ${label}$`) })).toHaveAttribute("aria-pressed", "true");
      await page.keyboard.press("ArrowRight");
    }
    if (image < CLASSES.length * EACH - 1) {
      await expect(page).not.toHaveURL(at);
    }
  }
  console.log(`    ${Math.round((CLASSES.length * EACH * 60_000) / (Date.now() - begin))} images a minute labelled`);
  await page.keyboard.press("Escape");
  await expect(page).not.toHaveURL(/image=/);
  await page.reload();
  const labels = page.getByRole("list", { name: "Images" }).getByText(/^(blue|green)( · |$)/);
  await expect(labels.first()).toBeVisible();
  await expect(page.getByText(/^no label/)).toHaveCount(0);
});

test("freezes, trains with a curve, and trains again with changes", async ({ page, errors }) => {
  await open(page, "Dataset versions");
  await press(page, page.getByRole("button", { name: "Freeze a version" }));
  await page.keyboard.type("two colours");
  await press(page, page.getByRole("button", { name: "Freeze", exact: true }));
  await expect(page).toHaveURL(/versions\/1$/);
  await press(page, page.getByRole("button", { name: "Train on this version" }));
  await choose(page, page.getByLabel("Recipe"), "scratch");
  await tabTo(page, page.getByLabel("Epochs", { exact: true }));
  await page.keyboard.type("12");
  await press(page, page.getByRole("button", { name: "Start run" }));
  await expect(page.getByText(/Trained in/)).toBeVisible({ timeout: 150_000 });
  errors.ignore(/404/); // the version is so new that training-service may not know it
  const curve = page.getByRole("img", { name: /after each step/ });
  await expect(curve).toBeVisible();
  await press(page, page.getByRole("button", { name: "Show as a table" }));
  await expect(page.getByRole("grid", { name: /after each step/ }).getByRole("row")).toHaveCount(13);
  await press(page, page.getByRole("button", { name: "Run again with changes" }));
  await choose(page, page.getByLabel("Recipe"), "transfer");
  await press(page, page.getByRole("button", { name: "Start run" }));
  await expect(page.getByRole("heading", { name: /^transfer/ })).toBeVisible();
  await expect(page.getByText(/Trained in/)).toBeVisible({ timeout: 150_000 });
});

test("opens a TEST image of the run in the dataset", async ({ page }) => {
  await open(page, "Runs");
  await press(page, page.getByRole("link", { name: /^transfer/ }));
  await press(page, page.getByRole("link", { name: "TEST images" }));
  const images = page.getByRole("list", { name: "TEST images" }).getByRole("listitem");
  await expect(images.first()).toBeVisible();
  await press(page, images.first().getByRole("link"));
  await expect(page).toHaveURL(/images\?image=[0-9a-f]{64}/);
});

test("promotes both versions, and rolls back", async ({ page, errors }) => {
  await open(page, "Models");
  await expect(page.getByText("Ready", { exact: true })).toHaveCount(2, { timeout: 60_000 });
  for (const version of [1, 2]) {
    const row = page.getByRole("row", { name: new RegExp(`Version ${version}\\b`) });
    await press(page, row.getByRole("button", { name: "Kebab toggle" }));
    await expect(page.getByRole("menuitem", { name: "Promote" })).toBeVisible();
    await page.keyboard.press("ArrowDown");
    await press(page, page.getByRole("menuitem", { name: "Promote" }));
    await tabTo(page, page.getByLabel("Reason"));
    await page.keyboard.type(`version ${version} by keyboard`);
    await press(page, page.getByRole("button", { name: "Promote", exact: true }));
    const done = page.getByRole("heading", { level: 2, name: `production points at version ${version}` });
    const force = page.getByLabel("Promote although the quality check did not pass");
    await expect(force.or(done).first()).toBeVisible();
    if (await force.isVisible()) {
      await tabTo(page, force);
      await page.keyboard.press("Space");
      await press(page, page.getByRole("button", { name: "Promote", exact: true }));
      await expect(done).toBeVisible();
      errors.ignore(/\b(409|412|422)\b/); // the browser notes the refusal
    }
  }
  await press(page, page.getByRole("button", { name: "Roll back production" }));
  await press(page, page.getByRole("dialog").getByRole("button", { name: "Roll back", exact: true }));
  await expect(page.getByRole("heading", { level: 2, name: "production points at version 1" })).toBeVisible();
  await expect(page.getByText("Rolled back to version 1")).toBeVisible();
});

test("gives another version a share of the requests, and aborts it", async ({ page }) => {
  await open(page, "Models");
  await press(page, page.getByRole("button", { name: "Try a candidate for production" }));
  await tabTo(page, page.getByLabel("Weight in percent"));
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("0"); // no requests: no check refuses it
  await press(page, page.getByRole("button", { name: "Start", exact: true }));
  await expect(page.getByText("Candidate: version 2 answers 0 % of the requests, version 1 the others.")).toBeVisible();
  await press(page, page.getByRole("button", { name: "Abort candidate of production" }));
  await press(page, page.getByRole("dialog").getByRole("button", { name: "Abort candidate", exact: true }));
  await expect(page.getByRole("button", { name: "Try a candidate for production" })).toBeVisible();
});

test("tries an image", async ({ page }) => {
  await open(page, "Try it");
  const chooser = page.waitForEvent("filechooser");
  await press(page, page.getByRole("button", { name: "Choose an image" }));
  await (await chooser).setFiles({ name: "new.png", mimeType: "image/png", buffer: coloured(99, 1) });
  const answer = page.getByRole("status", { name: "Answer" });
  await expect(answer).toContainText("green");
  await expect(answer).toContainText("Version 1 (production)");
});

/** Goes to a screen of the project from the list of projects, by the navigation. */
async function open(page: Page, screen: string) {
  await page.goto("/projects");
  await press(page, page.getByRole("link", { name: project, exact: true }));
  await press(page, page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: screen, exact: true }));
  await expect(page.getByRole("heading", { level: 1, name: new RegExp(screen) })).toBeVisible();
}

async function press(page: Page, target: Locator) {
  await tabTo(page, target);
  await page.keyboard.press("Enter");
}

/** Types the first letters of the option, as people do. */
async function choose(page: Page, select: Locator, option: string) {
  await tabTo(page, select);
  await page.keyboard.type(option);
  await expect(select).toHaveValue(option);
}

/** Presses the tabulator until the target has the focus. */
async function tabTo(page: Page, target: Locator) {
  await expect(target).toBeVisible();
  await expect(target).toBeEnabled();
  for (let tabs = 0; tabs < MAX_TABS; tabs++) {
    if (await target.evaluate((element) => element === document.activeElement)) {
      return;
    }
    await page.keyboard.press("Tab");
  }
  throw new Error(`${target} is not reached by the tabulator`);
}
