import { expect, type Page } from "@playwright/test";
import { returnTo } from "../src/login/returnTo";
import { expectAccessible } from "./axe";
import { test } from "./test";

/** Persons log in. LOUPE_LOGIN is the address that changes the provider of the test. */
const control = process.env.LOUPE_LOGIN;
const project = `login-${Date.now().toString(36)}`;

const set = async (path: string) => expect((await fetch(`${control}/${path}`)).status).toBe(204);

async function logIn(page: Page, person: string) {
  await page.getByRole("link", { name: "Log in with the identity provider" }).click();
  await page.getByLabel("Name").fill(person);
  await page.getByLabel("Password").fill(person);
  await page.getByRole("button", { name: "Log in" }).click();
}

async function logOut(page: Page, person: RegExp) {
  await page.getByRole("button", { name: person }).click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await expect(page.getByRole("heading", { name: "Log in" })).toBeVisible();
}

test("leads to no other site after the login", () => {
  const origin = "https://loupe.example.org";
  for (const page of ["/", "/projects/a/images?label=b#c"]) {
    expect(returnTo(page, origin)).toBe(page);
  }
  for (const other of [
    null,
    "",
    "//evil.example.org",
    "/\\evil.example.org",
    "/\t/evil.example.org",
    "https://evil.example.org",
    "javascript:alert(1)",
    "/login?to=/",
    "/auth/login",
    "/api/v1/projects",
  ]) {
    expect(returnTo(other, origin), `${other}`).toBe("/");
  }
});

test.describe("with a provider", () => {
  test.skip(!control, "LOUPE_LOGIN names no provider");

  test.beforeEach(async ({ errors }) => {
    await set("down/false");
    await set("lifetime/300");
    await set("role/ann/admin");
    // Before the login, the browser notes that the caller is not known.
    errors.ignore(/401/);
  });
  test.afterEach(({ errors }) => errors.ignore(/401/));

  test("a person logs in, comes back to the page, and logs out", async ({ page, context }) => {
    await page.goto("/tokens?new=");
    await expect(page.getByRole("heading", { name: "Log in" })).toBeVisible();
    await expect(page).toHaveURL(/\/login\?to=%2Ftokens%3Fnew%3D$/);
    await expect(page.getByRole("button", { name: "Log in with the token" })).toBeVisible();
    await expectAccessible(page, "login");
    await page.screenshot({ path: "target/login.png" });

    await logIn(page, "ann");

    await expect(page).toHaveURL(/\/tokens\?new=$/);
    await expect(page.getByRole("dialog", { name: "Create a token" })).toBeVisible();
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect(page.getByRole("button", { name: "ann (Admin)" })).toBeVisible();
    await expectAccessible(page, "tokens");
    await page.screenshot({ path: "target/tokens.png" });
    expect(await page.evaluate(() => document.cookie)).toBe("");
    const cookies = (await context.cookies(page.url())).filter(({ name }) => name.startsWith("loupe-"));
    expect(cookies.length).toBeGreaterThan(0);
    expect(cookies.every(({ httpOnly }) => httpOnly)).toBe(true);
    expect(cookies.some(({ value }) => value.includes("eyJ") && value.split(".").length === 3)).toBe(false);

    await logOut(page, /ann/);
    expect((await context.cookies(page.url())).filter(({ name }) => name.startsWith("loupe-"))).toEqual([]);
    await page.goto("/projects");
    await page.getByRole("link", { name: "Log in with the identity provider" }).click();
    await expect(page.getByLabel("Password"), "the provider's session ended, too").toBeVisible();
  });

  test("an administrator creates a token, another browser logs in with it until it is revoked", async ({
    page,
    browser,
    baseURL,
  }) => {
    await page.goto("/projects");
    await logIn(page, "ann");
    await page.getByRole("button", { name: "New project" }).first().click();
    await page.getByRole("dialog").getByLabel("Name").fill(project);
    await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await page.goto(`/projects/${project}/tokens`);
    await page.getByRole("button", { name: "Create a token" }).click();
    const dialog = page.getByRole("dialog", { name: "Create a token" });
    await dialog.getByLabel("Name").fill(`camera-${project}`);
    await dialog.getByLabel("Role").selectOption("LABELLER");
    await dialog.getByLabel("Days until it expires").fill("0");
    await expect(dialog.getByText("A number from 1 to 3650.")).toBeVisible();
    await dialog.getByLabel("Days until it expires").fill("7");
    await dialog.getByRole("button", { name: "Create", exact: true }).click();
    const shown = page.getByRole("dialog", { name: `Token camera-${project}` });
    const token = await shown.getByLabel("Token", { exact: true }).inputValue();
    expect(token).toMatch(/^loupe_[\w-]{43}$/);
    await expectAccessible(page, "token shown once");
    await page.screenshot({ path: "target/token-created.png" });
    await shown.getByRole("button", { name: "Done" }).click();
    const row = page.getByRole("row", { name: new RegExp(`camera-${project}`) });
    await expect(row.getByText("Labeller")).toBeVisible();
    await expect(row.getByText("Valid")).toBeVisible();

    const context = await browser.newContext({ baseURL });
    const camera = await context.newPage();
    await camera.goto(`/projects/${project}/runs`);
    await camera.getByLabel("API token").fill("loupe_" + "x".repeat(43));
    await camera.getByRole("button", { name: "Log in with the token" }).click();
    await expect(camera.getByText("Loupe does not know this token")).toBeVisible();
    await camera.getByLabel("API token").fill(token);
    await camera.getByRole("button", { name: "Log in with the token" }).click();
    await expect(camera).toHaveURL(new RegExp(`/projects/${project}/runs$`));
    await expect(camera.getByRole("button", { name: `token:camera-${project} (Labeller)` })).toBeVisible();
    await expect(camera.getByRole("button", { name: "New run" }).first()).toHaveAttribute("aria-disabled", "true");

    await row.getByRole("button", { name: `Actions on camera-${project}` }).click();
    await page.getByRole("menuitem", { name: "Revoke" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    await expect(row.getByText("Revoked")).toBeVisible();
    await camera.reload();
    await expect(camera.getByRole("heading", { name: "Log in" })).toBeVisible();
    await context.close();
  });

  test("the session outlives the access token, and a new role counts with the next one", async ({ page }) => {
    await set("lifetime/3");
    await page.goto("/projects");
    await logIn(page, "ann");
    await expect(page.getByRole("button", { name: "ann (Admin)" })).toBeVisible();

    await set("role/ann/viewer");
    await expect(async () => {
      await page.reload();
      await expect(page.getByRole("button", { name: "ann (Viewer)" })).toBeVisible({ timeout: 1_000 });
    }).toPass({ timeout: 20_000 });
    const create = page.getByRole("button", { name: "New project" }).first();
    await expect(create).toHaveAttribute("aria-disabled", "true");
    await create.hover();
    await expect(page.getByText("Needs the role Engineer in all projects.")).toBeVisible();
    await page.goto("/tokens");
    await expect(page.getByText("You are no administrator of all projects.")).toBeVisible();
    await page.screenshot({ path: "target/viewer.png" });
  });

  test("a session that the provider ends leads to the login page and back", async ({ page }) => {
    await set("lifetime/2");
    await page.goto("/system");
    await logIn(page, "ann");
    await expect(page.getByRole("heading", { name: "System" })).toBeVisible();
    await set("end");
    await expect(async () => {
      await page.reload();
      await expect(page.getByRole("heading", { name: "Log in" })).toBeVisible({ timeout: 1_000 });
    }).toPass({ timeout: 20_000 });
    await logIn(page, "ann");
    await expect(page.getByRole("heading", { name: "System" })).toBeVisible();
  });

  test("a provider that is down, and a login that is cancelled, are said", async ({ page }) => {
    await page.goto("/projects");
    await page.getByRole("link", { name: "Log in with the identity provider" }).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect(page.getByText("The login was cancelled")).toBeVisible();

    await page.getByRole("link", { name: "Log in with the identity provider" }).click();
    await page.getByLabel("Name").fill("ann");
    await page.getByLabel("Password").fill("ann");
    await set("no-tokens");
    await page.getByRole("button", { name: "Log in" }).click();
    await expect(page.getByText("The identity provider does not answer")).toBeVisible();
    await expectAccessible(page, "provider down");
    await page.screenshot({ path: "target/provider-down.png" });
  });
});
