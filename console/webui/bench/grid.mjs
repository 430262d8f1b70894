// Measures the console with a project of many images, on the Loupe at LOUPE_CONSOLE: node bench/grid.mjs [IMAGES]
// Makes the project `grid-IMAGES` of drawn images unless it is there. Needs `jar`, of the JDK, to pack them.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { chromium } from "@playwright/test";

const IMAGES = Number(process.argv[2] ?? 100_000);
const PER_ARCHIVE = 20_000;
const ROUNDS = 5;
const address = process.env.LOUPE_CONSOLE ?? "http://127.0.0.1:8090";
const project = `grid-${IMAGES}`;
const api = `${address}/api/v1/projects`;

await makeProject();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--enable-precise-memory-info"],
});
const firstPaints = [];
const firstPages = [];
const middles = [];
for (let round = 0; round < ROUNDS; round++) {
  const context = await browser.newContext({ baseURL: address, viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto("/projects");
  await page.getByRole("heading", { level: 1 }).waitFor();
  // The browser reports a paint after the frame, so later than the heading is there.
  await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0);
  firstPaints.push(await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime));
  if (round === 0) {
    const bytes = await page.evaluate(() =>
      performance
        .getEntriesByType("resource")
        .filter(({ name }) => /\.(js|css)$/.test(name))
        .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
    );
    console.log(`scripts and styles         ${Math.round(bytes / 1000)} kB, compressed, for the first screen`);
  }
  firstPages.push(await timed(async () => {
    await page.goto(`/projects/${project}/images`);
    await shown(page);
  }));
  middles.push(await timed(async () => {
    await page.evaluate(() => {
      const box = scrollBox();
      box.scrollTop = box.scrollHeight / 2;
      function scrollBox() {
        let box = document.querySelector('[aria-label="Images"]');
        while (box && !(box.scrollHeight > box.clientHeight && /auto|scroll/.test(getComputedStyle(box).overflowY))) {
          box = box.parentElement;
        }
        return box ?? document.documentElement;
      }
    });
    await shown(page);
  }));
  if (round === ROUNDS - 1) {
    await heap(page);
  }
  await context.close();
}
console.log(`first contentful paint     ${millis(firstPaints)}`);
console.log(`first page of the grid     ${millis(firstPages)}`);
console.log(`scrolled to the middle     ${millis(middles)}`);
await browser.close();

/** Waits until the images in view are drawn. */
async function shown(page) {
  await page.waitForFunction(() => {
    const tiles = [...document.querySelectorAll('[aria-label="Images"] [role=listitem]')].filter((tile) => {
      const { top, bottom } = tile.getBoundingClientRect();
      return bottom > 0 && top < innerHeight;
    });
    const images = tiles.map((tile) => tile.querySelector("img"));
    return images.length > 0 && images.every((image) => image?.complete && image.naturalWidth > 0);
  });
}

/** Scrolls through the project, and prints the used heap after collections. */
async function heap(page) {
  const session = await page.context().newCDPSession(page);
  const used = async () => {
    await session.send("HeapProfiler.collectGarbage");
    return Math.round((await session.send("Runtime.getHeapUsage")).usedSize / 1e6);
  };
  const sizes = [await used()];
  for (let part = 0; part < 4; part++) {
    for (let step = 0; step < 25; step++) {
      await page.mouse.wheel(0, 40_000);
      await page.waitForTimeout(100);
    }
    await page.waitForTimeout(500);
    sizes.push(await used());
  }
  console.log(`heap of the page, MB       ${sizes.join(" ")} (before, and after each 25 scrolls)`);
}

async function makeProject() {
  const found = await fetch(`${api}/${project}`);
  if (found.ok) {
    return;
  }
  await answer(await fetch(api, json({ name: project, task: "CLASSIFICATION" })));
  for (let from = 0; from < IMAGES; from += PER_ARCHIVE) {
    const folder = mkdtempSync(join(tmpdir(), "grid"));
    for (let i = from; i < Math.min(IMAGES, from + PER_ARCHIVE); i++) {
      const label = join(folder, `class-${i % 10}`);
      mkdirSync(label, { recursive: true });
      writeFileSync(join(label, `image-${i}.png`), png(i));
    }
    const archive = `${folder}.zip`;
    execFileSync("jar", ["-cM0f", archive, "-C", folder, "."]);
    const body = readFileSync(archive);
    rmSync(folder, { recursive: true });
    rmSync(archive);
    const started = await answer(
      await fetch(`${api}/${project}/imports`, { method: "POST", headers: { "Content-Type": "application/zip" }, body }),
    );
    for (let state = started; state.state !== "SUCCEEDED"; ) {
      await new Promise((done) => setTimeout(done, 1_000));
      state = await answer(await fetch(`${api}/${project}/imports/${started.id}`));
      if (state.state === "FAILED" || state.state === "CANCELLED") {
        throw new Error(JSON.stringify(state));
      }
    }
    console.log(`${Math.min(IMAGES, from + PER_ARCHIVE)} of ${IMAGES} images`);
  }
}

function json(body) {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

async function answer(response) {
  const body = await response.json();
  if (!response.ok) {
    throw new Error(JSON.stringify(body));
  }
  return body;
}

/** An image of 32 x 32 pixels, different for each number. */
function png(number) {
  const side = 32;
  const row = Buffer.alloc(1 + side * 3);
  for (let x = 0; x < side; x++) {
    row.set([number & 255, (number >> 8) & 255, (x * 8 + (number >> 16) * 40) & 255], 1 + x * 3);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2], 8);
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.concat(Array(side).fill(row)))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body) >>> 0);
  return Buffer.concat([length, body, check]);
}

async function timed(work) {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

function millis(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return `median ${Math.round(sorted[sorted.length >> 1])} ms, longest ${Math.round(sorted.at(-1))} ms`;
}
