import { expect, type Page, test as base } from "@playwright/test";

/** What the browser's console and the page itself report as errors. */
export class Errors {
  texts: string[] = [];

  watch(page: Page) {
    page.on("console", (message) => message.type() === "error" && this.texts.push(message.text()));
    page.on("pageerror", (error) => this.texts.push(error.message));
  }

  /** Forgets those so far that a test expects: the browser notes every response of 400 and above. */
  ignore(expected: RegExp) {
    this.texts = this.texts.filter((text) => !expected.test(text));
  }
}

/** A test that fails where its page reports an error. */
export const test = base.extend<{ errors: Errors }>({
  errors: [
    async ({ page }, use) => {
      const errors = new Errors();
      errors.watch(page);
      await use(errors);
      expect(errors.texts).toEqual([]);
    },
    { auto: true },
  ],
});
