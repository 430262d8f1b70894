import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";
if (!existsSync(chromium)) {
  console.log(`skipped: the browser tests: there is no ${chromium} (CHROMIUM names another one)`);
  process.exit(0);
}

// Against a running Loupe: LOUPE_CONSOLE is the address of its console.
export default defineConfig({
  testDir: "tests",
  outputDir: "target/playwright",
  workers: 1,
  timeout: 180_000,
  expect: { timeout: 20_000 },
  reporter: "list",
  use: {
    baseURL: process.env.LOUPE_CONSOLE ?? "http://127.0.0.1:8090",
    viewport: { width: 1280, height: 800 },
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: chromium,
      // The camera is one that the browser draws, and may be used.
      args: ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
    },
  },
});
