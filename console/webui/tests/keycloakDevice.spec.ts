import { expect } from "@playwright/test";
import { test } from "./test";

/** LOUPE_DEVICE_PAGE is the page of a real Keycloak that the command line showed to a person. */
const shown = process.env.LOUPE_DEVICE_PAGE;

test.skip(!shown, "LOUPE_DEVICE_PAGE is not set");

test("a person logs in and grants the access of the command line", async ({ page }) => {
  await page.goto(shown ?? "");
  await page.getByLabel("Username or email").fill("ann");
  await page.getByRole("textbox", { name: "Password" }).fill("a-password");
  await page.getByRole("button", { name: "Sign In" }).click();
  await expect(page.getByText("Grant Access to loupe-cli")).toBeVisible();
  await page.getByRole("button", { name: "Yes" }).click();
  await expect(page.getByText("Device Login Successful")).toBeVisible();
});
