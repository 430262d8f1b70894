import { expect, type Page } from "@playwright/test";
import type { AxeResults } from "axe-core";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** No violation of serious or critical impact on the screen as it is, in the light and in the dark theme. */
export async function expectAccessible(page: Page, screen: string) {
  // An animation that runs has colours of its own.
  await page.emulateMedia({ reducedMotion: "reduce" });
  for (const theme of ["light", "dark"]) {
    await page.evaluate((dark) => document.documentElement.classList.toggle("pf-v6-theme-dark", dark), theme === "dark");
    await page.waitForTimeout(300); // transitions of colours begin
    await page.evaluate(() =>
      Promise.allSettled(
        document
          .getAnimations()
          .filter((animation) => animation.effect?.getComputedTiming().endTime !== Infinity)
          .map((animation) => animation.finished),
      ),
    );
    await page.evaluate(source);
    // Without the style sheets that it would load into the page, which the content security policy refuses.
    const found = await page.evaluate(
      () => (window as unknown as { axe: { run: (options: object) => Promise<AxeResults> } }).axe.run({ preload: false }),
    );
    const bad = found.violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ").slice(0, 400)}`);
    expect(bad, `${screen}, ${theme}`).toEqual([]);
  }
  await page.evaluate(() => document.documentElement.classList.remove("pf-v6-theme-dark"));
}
