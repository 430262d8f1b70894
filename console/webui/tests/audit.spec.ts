import { expect } from "@playwright/test";
import { expectAccessible } from "./axe";
import { test } from "./test";

/** Who changed what, in the browser. */
const project = `audit-${Date.now().toString(36)}`;

test.beforeAll(async ({ request }) => {
  const headers = { "X-Loupe-Actor": project };
  const created = await request.post("/api/v1/projects", { data: { name: project, task: "CLASSIFICATION" }, headers });
  expect(created.status()).toBe(201);
  const member = (role: string) =>
    request.post(`/api/v1/projects/${project}/members`, { data: { kind: "PERSON", name: "ann", role }, headers });
  expect((await member("VIEWER")).status()).toBe(200);
  expect((await member("LABELLER")).status()).toBe(200);
});

test("shows the changes in a project, and filters them", async ({ page, errors }) => {
  await page.goto(`/projects/${project}/images`);
  const navigation = page.getByRole("navigation", { name: "Main" });
  await navigation.getByRole("link", { name: "Audit" }).last().click();
  const rows = page.getByRole("grid", { name: "Changes" }).getByRole("row");
  await expect(rows).toHaveCount(4);
  await expect(rows.nth(1)).toContainText("member.set");
  await expect(rows.nth(1)).toContainText('"role":"VIEWER"');
  await expect(rows.nth(1)).toContainText('"role":"LABELLER"');
  await expectAccessible(page, "audit of a project");

  await page.getByLabel("Action begins with").fill("project.");
  await expect(rows).toHaveCount(2);
  await expect(rows.nth(1)).toContainText("project.create");
  await page.getByRole("button", { name: "Clear" }).click();
  await page.getByLabel("About").selectOption("inference-service");
  await expect(page.getByText("No change is like this.")).toBeVisible();
  errors.ignore(/404/);
});

test("verifies the logs", async ({ page }) => {
  await page.goto("/audit");
  await page.getByLabel("Who").fill(project);
  await expect(page.getByRole("grid", { name: "Changes" }).getByRole("row")).toHaveCount(4);
  await page.getByRole("button", { name: "Verify" }).click();
  await expect(page.getByText(/dataset-service: .*none was changed/).first()).toBeVisible();
  await expect(page.getByText(/inference-service\/\d+:[0-9a-f]{64}/)).toBeVisible();
  await expectAccessible(page, "audit");
});
