import { expect, type Locator, type Page, test } from "@playwright/test";
import { expectAccessible } from "./axe";
import { plate, scratchMask, zip } from "./drawn";

/** Images with masks, as data sets for anomaly detection have them. */
const project = `masks-${Date.now().toString(36)}`;
const api = `/api/v1/projects/${project}`;
let masked: string;

test.describe.configure({ mode: "serial" });

test.beforeAll(async ({ request }) => {
  const created = await request.post("/api/v1/projects", { data: { name: project, task: "ANOMALY_DETECTION" } });
  expect(created.status()).toBe(201);
  const good = Object.fromEntries(Array.from({ length: 16 }, (_, seed) => [`train/good/${seed}.png`, plate(seed + 600, false)]));
  const archive = zip({
    ...good,
    "test/good/16.png": plate(650, false),
    "test/scratch/0.png": plate(700, true),
    "test/scratch/1.png": plate(701, true),
    "ground_truth/scratch/0_mask.png": scratchMask(700),
  });
  const posted = await request.post(`${api}/imports`, { data: archive, headers: { "Content-Type": "application/zip" } });
  const { id } = await posted.json();
  await expect
    .poll(async () => (await (await request.get(`${api}/imports/${id}`)).json()).state, { timeout: 60_000 })
    .toBe("SUCCEEDED");
  const { items } = await (await request.get(`${api}/images?label=abnormal`)).json();
  expect(items).toHaveLength(2);
  masked = items.find((image: { maskSha256?: string }) => image.maskSha256).sha256;
});

test("the mask of an image lies over it, as dense as chosen", async ({ page }) => {
  await page.goto(`/projects/${project}/images?label=abnormal&image=${masked}`);
  const shown = page.waitForResponse((response) => response.url().endsWith(`${masked}/mask`));
  await page.getByRole("switch", { name: "Mask of the defect" }).press("Space");
  expect((await shown).status()).toBe(200);
  await expect(page).toHaveURL(/mask=50/);
  const mask = page.getByTestId("mask");
  await expect(mask).toHaveCSS("opacity", "0.5");
  await expectSamePlace(page);
  await expectAccessible(page, "image with its mask");
  await page.getByRole("slider", { name: "Opacity of the mask" }).press("ArrowRight");
  await expect(page).toHaveURL(new RegExp(`image=${masked}.*mask=60`));
  await page.reload();
  await expect(mask).toHaveCSS("opacity", "0.6");
  // The other one has none.
  await page.getByRole("button", { name: "Next" }).or(page.getByRole("button", { name: "Previous" })).and(page.locator(":enabled")).click();
  await expect(page).not.toHaveURL(new RegExp(`image=${masked}`));
  await expect(page.getByRole("switch", { name: "Mask of the defect" })).toHaveCount(0);
  await expect(mask).toHaveCount(0);
});

test("the masks lie over the TEST images of a run, and a version that it used is deleted after it", async ({ page, request }) => {
  expect((await request.post(`${api}/versions`, { data: { seed: 1 } })).status()).toBe(201);
  const data = { project, register: false, recipe: { name: "patchcore", parameters: { imageSize: 64 } } };
  let id: string;
  // training-service learns of the version some moments later.
  await expect
    .poll(async () => (id = (await (await request.post("/api/v1/runs", { data })).json()).id), { timeout: 60_000 })
    .toMatch(/-/);
  await expect
    .poll(async () => (await (await request.get(`/api/v1/runs/${id}`)).json()).state, { timeout: 150_000 })
    .toBe("SUCCEEDED");
  await page.goto(`/projects/${project}/versions`);
  const versions = page.getByRole("grid", { name: "Dataset versions" });
  await versions.getByRole("button", { name: "Kebab toggle" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await expect(page).toHaveURL(/delete=1/);
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("1 run uses this version")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Delete", exact: true })).toBeDisabled();
  await expectAccessible(page, "delete a dataset version");

  await dialog.getByRole("link", { name: /^Delete run/ }).click();
  await expect(page).toHaveURL(/\/runs\/[^/]*delete/);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("link", { name: "TEST images" }).click();
  await page.getByRole("switch", { name: "Masks of the defects" }).press("Space");
  await expect(page).toHaveURL(/masks=/);
  const result = page.getByRole("list", { name: "TEST images" }).getByRole("listitem").filter({ has: page.getByTestId("mask") });
  await expect(result).toHaveCount(1);
  await expect(result.getByRole("link", { name: /^Open / })).toHaveAttribute("href", new RegExp(masked));
  await expectNearestAndKinds(page, result);

  await page.getByRole("button", { name: "Delete", exact: true }).click();
  const deleted = page.getByRole("heading", { name: "No runs yet" });
  // The service refuses it until the trainer has ended.
  await expect(async () => {
    if (!(await deleted.isVisible())) {
      await dialog.getByRole("button", { name: "Delete" }).click({ timeout: 2_000 });
      await expect(deleted).toBeVisible({ timeout: 2_000 });
    }
  }).toPass({ timeout: 60_000 });
  await page.goto(`/projects/${project}/versions?delete=1`);
  await dialog.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("Version 1 is deleted.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "No dataset version yet" })).toBeVisible();
});

/** The image with a mask says what it looks unlike, and the evaluation has its kind of defect. */
async function expectNearestAndKinds(page: Page, result: Locator) {
  await page.getByRole("switch", { name: "Nearest normal places" }).press("Space");
  await expect(page).toHaveURL(/nearest=/);
  await expect(result.getByText("Most abnormal place")).toBeVisible();
  await expect(result.getByText("It looks unlike this, in")).toBeVisible();
  const crops = result.locator(".nearest-crop img");
  await expect(crops).toHaveCount(2);
  for (const crop of await crops.all()) {
    await expect.poll(() => crop.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  }
  const normal = result.locator(".nearest").getByRole("link");
  await expect(normal).toHaveAttribute("href", /image=[0-9a-f]{64}/);
  expect(await normal.getAttribute("href")).not.toContain(masked);
  await expectAccessible(page, "nearest normal places");
  await page.getByRole("link", { name: "Evaluation" }).click();
  const kinds = page.getByRole("grid", { name: "Kinds of defects" });
  await expect(kinds.getByRole("row", { name: /^scratch 2 \d 1 [01]\.\d{4}/ })).toBeVisible();
  await expect(page.getByText("Without a mask, and left out: 1 abnormal image.")).toBeVisible();
  await expect(page.getByRole("row", { name: /^AUPRO/ })).toContainText(/[01]\.\d{4} to [01]\.\d{4}/);
  await expectAccessible(page, "kinds of defects");
  await page.getByRole("link", { name: "TEST images" }).click();
}

/** The mask covers what the image covers. */
async function expectSamePlace(page: Page) {
  const places = await page.getByTestId("mask").evaluate((mask) => {
    const image = mask.parentElement!.querySelector("img")!;
    return [mask, image].map((element) => element.getBoundingClientRect().toJSON());
  });
  for (const side of ["left", "top", "width", "height"]) {
    expect(places[0][side]).toBeCloseTo(places[1][side], 0);
  }
}
