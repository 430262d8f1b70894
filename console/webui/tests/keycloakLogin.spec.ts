import { expect, type Page } from "@playwright/test";
import { test } from "./test";

/**
 * Logins at a real Keycloak: LOUPE_DEVICE_PAGE is its page that the command line showed to a person; LOUPE_KEYCLOAK_LOGIN says that
 * the console has it as its provider.
 */
const shown = process.env.LOUPE_DEVICE_PAGE;
const isProvider = Boolean(process.env.LOUPE_KEYCLOAK_LOGIN);

// Its certificate may be of an authority that Chromium does not know.
test.use({ ignoreHTTPSErrors: true });

async function logIn(page: Page) {
  await page.getByLabel("Username or email").fill("ann");
  await page.getByRole("textbox", { name: "Password" }).fill("a-password");
  await page.getByRole("button", { name: "Sign In" }).click();
}

test("a person logs in and grants the access of the command line", async ({ page }) => {
  test.skip(!shown, "LOUPE_DEVICE_PAGE is not set");
  await page.goto(shown ?? "");
  await logIn(page);
  await expect(page.getByText("Grant Access to loupe-cli")).toBeVisible();
  await page.getByRole("button", { name: "Yes" }).click();
  await expect(page.getByText("Device Login Successful")).toBeVisible();
});

test("a person logs in to the console", async ({ page, errors }) => {
  test.skip(!isProvider, "LOUPE_KEYCLOAK_LOGIN is not set");
  await page.goto("/system");
  await page.getByRole("link", { name: "Log in with the identity provider" }).click();
  await logIn(page);
  await expect(page.getByRole("button", { name: "ann (Admin)" })).toBeVisible();
  // Before the login, the browser notes that the caller is not known.
  errors.ignore(/401/);
});
