// Makes the screenshots of the console in docs/images, of the Loupe at LOUPE_CONSOLE and a project with a trained model, for
// example that of `./loupe demo --keep`: node scripts/screenshots.mjs PROJECT IMAGE [dark] [WIDTH]
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";

const [project, image, theme = "light", width = "1280"] = process.argv.slice(2);
if (!image) {
  console.error("expected: node scripts/screenshots.mjs PROJECT IMAGE [dark] [WIDTH]");
  process.exit(2);
}
const address = process.env.LOUPE_CONSOLE ?? "http://127.0.0.1:8090";
const folder = process.env.LOUPE_SCREENSHOTS ?? join(dirname(fileURLToPath(import.meta.url)), "../../../docs/images");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const page = await browser.newPage({
  baseURL: address,
  viewport: { width: Number(width), height: 800 },
  colorScheme: theme,
  reducedMotion: "reduce",
});

async function take(name, path, ready) {
  await page.goto(path);
  await ready();
  await page.waitForLoadState("networkidle").catch(() => {});
  await page.screenshot({ path: join(folder, `console-${name}.png`) });
}

const visible = (locator) => locator.first().waitFor({ timeout: 60_000 });
await take("projects", "/projects", () => visible(page.getByRole("link", { name: project })));
await take("images", `/projects/${project}/images`, () => visible(page.getByRole("list", { name: "Images" }).getByRole("listitem")));
await page.goto(`/projects/${project}/models`);
await page.getByRole("link", { name: "Version 1", exact: true }).click();
await visible(page.getByRole("heading", { name: "Result on the TEST images" }));
await page.waitForTimeout(1_000);
await page.screenshot({ path: join(folder, "console-run.png") });
const run = page.url();
await take("evaluation", `${run}/evaluation`, () => visible(page.getByRole("heading", { name: "Confusion matrix" })));
await take("results", `${run}/images?truth=abnormal`, () => visible(page.getByRole("list", { name: "TEST images" }).getByRole("listitem")));
if (process.env.LOUPE_SCREENSHOTS) {
  await remainingScreens();
}
await page.goto(`/projects/${project}/try`);
await page.locator("input[type=file]").first().setInputFiles(image);
await visible(page.getByText("Threshold"));
await page.waitForTimeout(1_000);
await page.screenshot({ path: join(folder, "console-try-it.png") });
await browser.close();

/** The screens that the docs do not show. */
async function remainingScreens() {
  const table = () => visible(page.getByRole("grid").or(page.getByRole("table")));
  for (const name of ["versions", "runs", "models"]) {
    await take(name, `/projects/${project}/${name}`, table);
  }
  await take("version", `/projects/${project}/versions/1`, table);
  await take("run-form", `/projects/${project}/runs/new`, () => visible(page.getByRole("button", { name: "Start run" })));
  await page.goto(`/projects/${project}/runs`);
  const select = page.getByRole("grid").or(page.getByRole("table")).getByRole("checkbox");
  await visible(select);
  if ((await select.count()) >= 2) {
    await select.nth((await select.count()) - 1).check();
    await select.nth((await select.count()) - 2).check();
    await page.getByRole("button", { name: /Compare/ }).or(page.getByRole("link", { name: /Compare/ })).first().click();
    await table();
    await page.waitForLoadState("networkidle");
    await page.screenshot({ path: join(folder, "console-comparison.png") });
  }
  await page.goto(`/projects/${project}/images`);
  await page.getByRole("list", { name: "Images" }).getByRole("listitem").first().getByRole("img").click();
  await page.waitForTimeout(1_000);
  await page.screenshot({ path: join(folder, "console-image.png") });
  await take("system", "/system", table);
}
