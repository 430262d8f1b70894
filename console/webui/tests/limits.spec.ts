import { expect } from "@playwright/test";
import { expectAccessible } from "./axe";
import { plate } from "./drawn";
import { test } from "./test";

/** Limits of a project and of a token are seen and set in the browser. */
const project = `limits-${Date.now().toString(36)}`;
const api = `/api/v1/projects/${project}`;

test.beforeAll(async ({ request }) => {
  expect((await request.post("/api/v1/projects", { data: { name: project, task: "ANOMALY_DETECTION" } })).status()).toBe(201);
  const added = await request.post(`${api}/images?label=normal&name=plate.png`, {
    data: plate(1, false),
    headers: { "Content-Type": "image/png" },
  });
  expect(added.status()).toBe(201);
});

test("sets the limits of a project beside what it uses", async ({ page, request, errors }) => {
  await page.goto(`/projects/${project}/images`);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Limits" }).click();
  await expect(page.getByText("1, no limit")).toBeVisible();
  await expectAccessible(page, "no limits");

  await page.getByRole("button", { name: "Change the limits" }).click();
  const dialog = page.getByRole("dialog", { name: `Limits of ${project}` });
  await dialog.getByLabel("Images", { exact: true }).fill("many");
  await expect(dialog.getByText("A number from 0 on, or nothing.")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Save" })).toBeDisabled();
  await dialog.getByLabel("Images", { exact: true }).fill("4");
  await dialog.getByLabel("Gigabytes of the images").fill("0.5");
  await dialog.getByLabel("Requests in a second").fill("2000000");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByText("That did not work")).toBeVisible();
  errors.ignore(/400/);
  await dialog.getByLabel("Requests in a second").fill("500");
  await expectAccessible(page, "change the limits");
  await dialog.getByRole("button", { name: "Save" }).click();

  await expect(page.getByRole("progressbar", { name: "Images", exact: true })).toHaveAttribute("aria-valuenow", "25");
  await expect(page.getByText("1 of 4")).toBeVisible();
  await expect(page.getByText("of 500 MB")).toBeVisible();
  await expect(page.getByText("at most 500 to each replica of a service")).toBeVisible();
  await expectAccessible(page, "limits");
  await page.screenshot({ path: "target/playwright/limits.png" });
  const stored = await (await request.get(`${api}/limits`)).json();
  expect(stored).toMatchObject({ maxImages: 4, maxBytes: 500_000_000, requestsPerSecond: 500, images: 1 });

  await page.getByRole("button", { name: "Change the limits" }).click();
  await expect(dialog.getByLabel("Gigabytes of the images")).toHaveValue("0.5");
  await dialog.getByLabel("Gigabytes of the images").fill("");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("of 500 MB")).toBeHidden();
  expect(await (await request.get(`${api}/limits`)).json()).not.toHaveProperty("maxBytes");
});

test("sets the limit of a token", async ({ page, request }) => {
  const name = `camera-${Date.now().toString(36)}`;
  const created = await request.post("/api/v1/tokens", { data: { name, role: "VIEWER", project } });
  expect(created.status()).toBe(201);
  await page.goto(`/projects/${project}/tokens`);

  await page.getByRole("button", { name: `Actions on ${name}` }).click();
  await page.getByRole("menuitem", { name: "Limit" }).click();
  const dialog = page.getByRole("dialog", { name: `Limit of ${name}` });
  await dialog.getByLabel("Requests in a second").fill("0");
  await expect(dialog.getByText("A number above 0, or nothing.")).toBeVisible();
  await dialog.getByLabel("Requests in a second").fill("2.5");
  await expectAccessible(page, "limit of a token");
  await page.screenshot({ path: "target/playwright/limit-of-a-token.png" });
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();

  const limits = await (await request.get(`/api/v1/tokens/${(await created.json()).id}/limits`)).json();
  expect(limits.requestsPerSecond).toBe(2.5);
});

test("sets the limits of a tenant beside what it uses", async ({ page, request }) => {
  const tenant = `acme-${Date.now().toString(36)}`;
  const created = await request.post("/api/v1/tokens", { data: { name: "first", role: "ADMIN", tenant } });
  expect(created.status()).toBe(201);
  await page.goto("/projects");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Tenants" }).click();
  const row = page.getByRole("row", { name: tenant });
  await expect(row.getByText("0, no limit")).toBeVisible();

  await row.getByRole("button", { name: `Actions on ${tenant}` }).click();
  await page.getByRole("menuitem", { name: "Limits" }).click();
  const dialog = page.getByRole("dialog", { name: `Limits of ${tenant}` });
  await dialog.getByLabel("Images", { exact: true }).fill("4");
  await dialog.getByLabel("Requests in a second").fill("500");
  await expectAccessible(page, "change the limits of a tenant");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();

  await expect(row.getByText("0 of 4")).toBeVisible();
  await expect(row.getByText("at most 500")).toBeVisible();
  await expectAccessible(page, "tenants");
  await page.screenshot({ path: "target/playwright/tenants.png" });
  const stored = await (await request.get(`/api/v1/tenants/${tenant}/limits`)).json();
  expect(stored).toEqual({ maxImages: 4, requestsPerSecond: 500, images: 0, bytes: 0 });

  await row.getByRole("button", { name: `Actions on ${tenant}` }).click();
  await page.getByRole("menuitem", { name: "Quota of runs and GPUs" }).click();
  const quota = page.getByRole("dialog", { name: `Quota of ${tenant}` });
  await quota.getByLabel("Runs at a time").fill("some");
  await expect(quota.getByRole("button", { name: "Save" })).toBeDisabled();
  await quota.getByLabel("Runs at a time").fill("2");
  await expectAccessible(page, "change the quota of a tenant");
  await page.screenshot({ path: "target/playwright/quota-of-a-tenant.png" });
  await quota.getByRole("button", { name: "Save" }).click();
  await expect(quota).toBeHidden();
  expect(await (await request.get(`/api/v1/quotas/tenants/${tenant}`)).json()).toMatchObject({ maxRuns: 2 });

  await row.getByRole("button", { name: `Actions on ${tenant}` }).click();
  await page.getByRole("menuitem", { name: "Quota of runs and GPUs" }).click();
  await expect(quota.getByLabel("Runs at a time")).toHaveValue("2");
  await expect(quota.getByLabel("GPUs")).toHaveValue("");
});

test("only operators see the tenants", async ({ page }) => {
  await page.route("**/api/v1/caller", async (route) => {
    const caller = await (await route.fetch()).json();
    await route.fulfill({ json: { ...caller, mode: "TOKEN", tenant: "acme", role: "ADMIN" } });
  });
  await page.goto("/tenants");

  await expect(page.getByRole("heading", { name: "Only operators see the tenants" })).toBeVisible();
  const navigation = page.getByRole("navigation", { name: "Main" });
  await expect(navigation.getByRole("link", { name: "Tokens" })).toBeVisible();
  await expect(navigation.getByRole("link", { name: "Tenants" })).toHaveCount(0);
});

test("only administrators of all projects change limits", async ({ page }) => {
  await page.route("**/api/v1/caller", async (route) => {
    const caller = await (await route.fetch()).json();
    await route.fulfill({ json: { ...caller, mode: "TOKEN", role: "ENGINEER" } });
  });
  await page.goto(`/projects/${project}/limits`);

  const change = page.getByRole("button", { name: "Change the limits" });
  await expect(change).toHaveAttribute("aria-disabled", "true");
  await change.hover();
  await expect(page.getByText("Needs the role Admin in all projects.")).toBeVisible();
});
