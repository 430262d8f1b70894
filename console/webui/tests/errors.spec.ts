import { expect, type Page, type Route } from "@playwright/test";
import { expectAccessible } from "./axe";
import { plate } from "./drawn";
import { test } from "./test";

/** What goes wrong ends in a sentence that says what to do. What was typed stays, and no page is blank. */
const project = `faults-${Date.now().toString(36)}`;
const url = (screen: string) => `/projects/${project}/${screen}`;

test.describe.configure({ mode: "serial" });

test.beforeAll(async ({ request }) => {
  const created = await request.post("/api/v1/projects", { data: { name: project, task: "ANOMALY_DETECTION" } });
  expect(created.status()).toBe(201);
  for (let seed = 0; seed < 6; seed++) {
    const added = await request.post(`/api/v1/projects/${project}/images?label=normal&name=plate-${seed}.png`, {
      data: plate(seed + 40, false),
      headers: { "Content-Type": "image/png" },
    });
    expect(added.status()).toBe(201);
  }
});

// The browser itself notes every response of 400 and above, and every request that got none.
test.afterEach(({ errors }) => errors.ignore(/^Failed to load resource/));

test("a reload keeps the filter, the open image and the order", async ({ page }) => {
  await page.goto(url("images") + "?label=normal&sort=-name");
  await page.getByRole("button", { name: /^Open / }).first().click();
  await expect(page).toHaveURL(/image=/);
  const address = page.url();
  await page.reload();
  await expect(page).toHaveURL(address);
  await expect(page.getByRole("button", { name: "1 normal" })).toHaveAttribute("aria-pressed", "true");
});

test("a name that another tab has taken is refused, and stays typed", async ({ page, context, errors }) => {
  const name = `${project}-b`;
  const other = await context.newPage();
  errors.watch(other);
  await page.goto("/projects?new");
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("What the images show").fill("a plate, from above");
  await other.goto("/projects?new");
  await other.getByLabel("Name").fill(name);
  await other.getByRole("button", { name: "Create" }).click();
  await expect(other).toHaveURL(new RegExp(`/projects/${name}/images`));
  await page.getByRole("button", { name: "Create" }).click();
  await expect(page.getByText("A project of this name exists already. Choose another name.")).toBeVisible();
  await expect(page.getByLabel("Name")).toHaveValue(name);
  await expect(page.getByLabel("What the images show")).toHaveValue("a plate, from above");
  await page.getByLabel("Name").fill(`${name}c`);
  await page.getByRole("button", { name: "Create" }).click();
  await expect(page).toHaveURL(new RegExp(`/projects/${name}c/images`));
});

test("a lost connection is told, and the form goes through when it is back", async ({ page, context }) => {
  await page.goto(url("versions"));
  await page.getByRole("button", { name: "Freeze a version" }).click();
  await page.getByLabel("Note").fill("after the new lamp");
  await context.setOffline(true);
  await page.getByRole("button", { name: "Freeze", exact: true }).click();
  await expect(page.getByText(/Loupe does not answer/)).toBeVisible();
  await page.waitForTimeout(30_000);
  await expect(page.getByLabel("Note")).toHaveValue("after the new lamp");
  await context.setOffline(false);
  await page.getByRole("button", { name: "Freeze", exact: true }).click();
  await expect(page).toHaveURL(url("versions/1"));
  await expect(page.getByText("after the new lamp")).toBeVisible();
});

test("images that no model can learn from are refused, and the note stays", async ({ page, request }) => {
  const abnormal = `${project}-abnormal`;
  await request.post("/api/v1/projects", { data: { name: abnormal, task: "ANOMALY_DETECTION" } });
  await request.post(`/api/v1/projects/${abnormal}/images?label=abnormal`, {
    data: plate(60, true),
    headers: { "Content-Type": "image/png" },
  });
  await page.goto(`/projects/${abnormal}/versions`);
  await page.getByRole("button", { name: "Freeze a version" }).click();
  await page.getByLabel("Note").fill("too early");
  await page.getByRole("button", { name: "Freeze", exact: true }).click();
  await expect(page.getByRole("dialog").getByText(/normal image/)).toBeVisible();
  await expect(page.getByLabel("Note")).toHaveValue("too early");
});

test("a file that is too large is refused by its size (413), and the others arrive", async ({ page }) => {
  await page.goto(url("images") + "?upload");
  await page.getByTestId("files-Normal images").setInputFiles([
    { name: "huge.png", mimeType: "image/png", buffer: Buffer.alloc(49 * 1024 * 1024) },
    { name: "small.png", mimeType: "image/png", buffer: plate(77, false) },
  ]);
  await expect(page.getByText("1 file refused")).toBeVisible();
  await expect(page.getByText("1 image added")).toBeVisible();
  await page.getByRole("button", { name: "Show the refused files" }).click();
  await expect(page.getByText("huge.png", { exact: true })).toBeVisible();
});

test("an upload goes on while dataset-service restarts", async ({ page, request }) => {
  const restart = process.env.LOUPE_RESTART;
  test.skip(!restart, "skipped: LOUPE_RESTART names no address that restarts dataset-service");
  await page.goto(url("images") + "?upload");
  await expect(page.getByTestId("files-Normal images")).toBeAttached();
  const restarted = request.post(restart!, { timeout: 120_000 });
  await page.getByTestId("files-Normal images").setInputFiles(
    Array.from({ length: 12 }, (_, seed) => ({
      name: `late-${seed}.png`,
      mimeType: "image/png",
      buffer: plate(seed + 300, false),
    })),
  );
  expect((await restarted).ok()).toBe(true);
  const result = page.getByText(/\d+ images? added/).last();
  await expect(result).toBeVisible({ timeout: 90_000 });
  // An image whose answer the restart cut off is known when it is sent again.
  const numbers = (await result.innerText()).match(/\d+/g)!.map(Number);
  expect(numbers.reduce((sum, some) => sum + some)).toBe(12);
  await page.getByRole("button", { name: "Close upload" }).click();
  await expect(page.getByRole("list", { name: "Images" }).getByRole("listitem").first()).toBeVisible();
});

test("an upload that a reload interrupts goes on, in one tab alone", async ({ page, context }) => {
  const server = await slowUploads(page);
  page.on("dialog", (dialog) => void dialog.accept());
  await page.goto(url("images") + "?upload");
  server.answers = 2;
  await page.getByTestId("files-Normal images").setInputFiles(plates(400, 8));
  await expect(page.getByText("2 of 8", { exact: true }).first()).toBeVisible();
  await expect.poll(() => keptRecords(page)).toBe(1 + 6);
  await page.reload();
  await expect(page.getByText("An upload of 8 files was interrupted: 6 are left")).toBeVisible();
  await expectAccessible(page, "images, upload interrupted");

  const other = await context.newPage();
  const sent: string[] = [];
  other.on("request", (request) => request.method() === "POST" && sent.push(request.url()));
  await other.goto("/projects");
  await other.getByRole("button", { name: "Upload interrupted" }).click();
  await expect(other.getByText("6 are left")).toBeVisible();

  server.answers = 0;
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByText("0 of 6", { exact: true }).first()).toBeVisible();
  await other.getByRole("button", { name: "Go on" }).click();
  await expect(other.getByText("Another tab goes on with this upload.")).toBeVisible();
  await expect(other.getByText("6 are left")).toHaveCount(0);
  expect(sent).toEqual([]);
  await other.close();
  await server.release();
  await expect(page.getByText("6 images added")).toBeVisible();
  await expect.poll(() => keptRecords(page)).toBe(0);
  await page.reload();
  await expect(page.getByRole("list", { name: "Images" }).getByRole("listitem").first()).toBeVisible();
  await expect(page.getByText("was interrupted")).toHaveCount(0);
});

test("what a browser has no room to keep must be chosen again, and the rest can be discarded", async ({ page }) => {
  await page.addInitScript(() => {
    navigator.storage.estimate = () => Promise.resolve({ quota: 2 * 6_000, usage: 0 });
  });
  const server = await slowUploads(page);
  page.on("dialog", (dialog) => void dialog.accept());
  await page.goto(url("images") + "?upload");
  await page.getByTestId("files-Normal images").setInputFiles([
    { name: "large.zip", mimeType: "application/zip", buffer: Buffer.alloc(10_000) },
  ]);
  await expect(page.getByText("Uploading zip archives")).toBeVisible();
  await expect.poll(() => keptRecords(page)).toBe(1);
  await page.reload();
  await expect(page.getByText("An upload of 1 archive was interrupted")).toBeVisible();
  await expect(page.getByText(/too large to be kept by this browser/)).toBeVisible();
  await page.getByRole("button", { name: "Dismiss" }).click();
  await expect(page.getByText("was interrupted")).toHaveCount(0);
  expect(await keptRecords(page)).toBe(0);
  await server.release();
});

test("files that Loupe did not answer for can be sent later", async ({ page }) => {
  await page.route(/\/images\?|\/imports$/, (route) =>
    route.request().method() === "POST"
      ? route.fulfill({ status: 503, json: { status: 503, code: "SERVICE_UNAVAILABLE", detail: "dataset-service is not reachable", retryable: true } })
      : route.continue(),
  );
  await page.goto(url("images") + "?upload");
  await page.getByTestId("files-Normal images").setInputFiles(plates(500, 2));
  await expect(page.getByText("2 files refused")).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText("An upload of 2 files was interrupted: 2 are left")).toBeVisible();
  await page.unrouteAll();
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByText("2 images added")).toBeVisible();
  await expect(page.getByText("was interrupted")).toHaveCount(0);
});

const plates = (seed: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    name: `plate-${seed + index}.png`,
    mimeType: "image/png",
    buffer: plate(seed + index, false),
  }));

/** Lets so many uploads through as `answers` says; the others wait until they are released. */
async function slowUploads(page: Page) {
  const waiting: Route[] = [];
  const server = {
    answers: 0,
    release: async () => {
      server.answers = Infinity;
      // Those of a page that is gone can't go on.
      await Promise.all(waiting.map((route) => route.continue().catch(() => undefined)));
    },
  };
  await page.route(/\/images\?|\/imports$/, async (route) => {
    if (route.request().method() !== "POST" || server.answers-- > 0) {
      await route.continue();
    } else {
      waiting.push(route);
    }
  });
  return server;
}

/** How much the browser keeps of uploads: a record for each upload and for each of its files. */
const keptRecords = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<number>((found) => {
        const opening = indexedDB.open("loupe-uploads");
        opening.onsuccess = () => {
          const counting = opening.result.transaction("uploads").objectStore("uploads").count();
          counting.onsuccess = () => {
            opening.result.close();
            found(counting.result);
          };
        };
      }),
  );
