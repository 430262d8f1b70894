import { expect, type Page } from "@playwright/test";
import { test } from "./test";

/**
 * Logins at a real Keycloak, whose access tokens live for 20 seconds. LOUPE_KEYCLOAK_CONTROL is the address that changes it.
 */
const control = process.env.LOUPE_KEYCLOAK_CONTROL;
const lifetime = 20_000;

test.skip(!control, "LOUPE_KEYCLOAK_CONTROL is not set");

const set = async (path: string) => expect((await fetch(`${control}/${path}`)).status).toBe(204);

async function logIn(page: Page) {
  await page.getByRole("link", { name: "Log in with the identity provider" }).click();
  await page.getByLabel("Username or email").fill("ann");
  await page.getByRole("textbox", { name: "Password" }).fill("a-password");
  await page.getByRole("button", { name: "Sign In" }).click();
}

const session = async (page: Page) =>
  (await page.context().cookies()).filter(({ name }) => name.startsWith("loupe-"));

const caller = (page: Page) => page.request.get("/api/v1/caller");

test.beforeEach(async ({ page, errors }) => {
  await set("role/engineer");
  await page.goto("/system");
  await logIn(page);
  await expect(page.getByRole("button", { name: "ann (Engineer)" })).toBeVisible();
  await expect(page).toHaveURL(/\/system$/);
  // Before the login, the browser notes that the caller is not known.
  errors.ignore(/401/);
});

test("a person stays logged in, and logs out", async ({ page, errors }) => {
  const before = await session(page);
  expect(before.length).toBeGreaterThan(0);
  await page.waitForTimeout(lifetime + 2_000);
  await page.reload();
  await expect(page.getByRole("button", { name: "ann (Engineer)" })).toBeVisible();
  expect(await session(page), "the session was renewed").not.toEqual(before);

  await page.getByRole("button", { name: "ann (Engineer)" }).click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await expect(page.getByRole("heading", { name: "Log in" })).toBeVisible();
  expect(await session(page)).toEqual([]);
  await page.getByRole("link", { name: "Log in with the identity provider" }).click();
  await expect(page.getByLabel("Username or email"), "Keycloak asks again").toBeVisible();
  errors.ignore(/401/);
});

test("a new role counts with the next access token, after a change of the key", async ({ page }) => {
  await set("rotate");
  await set("role/viewer");
  await expect(async () => {
    await page.reload();
    await expect(page.getByRole("button", { name: "ann (Viewer)" })).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: lifetime + 10_000 });
});

test("a session that Keycloak ends leads to the login page and back", async ({ page, errors }) => {
  await set("end");
  await expect(async () => {
    await page.reload();
    await expect(page.getByRole("heading", { name: "Log in" })).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: lifetime + 10_000 });
  await logIn(page);
  await expect(page.getByRole("heading", { name: "System" })).toBeVisible();
  errors.ignore(/401/);
});

test("while Keycloak is down, a session goes on until its access token expires, and then waits", async ({
  page,
  errors,
}) => {
  // No page renews the session meanwhile.
  await page.goto("about:blank");
  await set("down");
  expect((await caller(page)).status(), "the access token still counts").toBe(200);
  await page.waitForTimeout(lifetime);
  const refused = await caller(page);
  expect(refused.status()).toBe(503);
  expect((await refused.json()).code).toBe("LOGIN_UNAVAILABLE");
  await set("up");
  expect((await caller(page)).status(), "the session goes on").toBe(200);
  errors.ignore(/401|503/);
});
