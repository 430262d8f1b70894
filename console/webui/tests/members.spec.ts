import { expect } from "@playwright/test";
import { expectAccessible } from "./axe";
import { test } from "./test";

/** Persons and groups get a role in a project in the browser. */
const project = `members-${Date.now().toString(36)}`;

test.beforeAll(async ({ request }) => {
  const created = await request.post("/api/v1/projects", { data: { name: project, task: "CLASSIFICATION" } });
  expect(created.status()).toBe(201);
});

test("adds a group, changes its role and removes it", async ({ page, request, errors }) => {
  await page.goto(`/projects/${project}/images`);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Members" }).click();
  await expect(page.getByRole("heading", { name: "No members yet" })).toBeVisible();
  await expect(page.getByText("Members have an effect where persons log in")).toBeVisible();
  await expectAccessible(page, "no members");

  await page.getByRole("button", { name: "Add a member" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a member" });
  await dialog.getByLabel("Name").fill("token:ann");
  await expectAccessible(page, "add a member");
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  await expect(dialog.getByText("That did not work")).toBeVisible();
  await expect(dialog.getByLabel("Name")).toHaveValue("token:ann");
  errors.ignore(/400/);
  await dialog.getByLabel("Group").check();
  await dialog.getByLabel("Name").fill("/factory/line-2");
  await dialog.getByLabel("Role").selectOption("LABELLER");
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  const row = page.getByRole("row", { name: /factory\/line-2/ });
  await expect(row.getByText("Labeller")).toBeVisible();
  await expectAccessible(page, "members");

  await row.getByRole("button", { name: "Actions on /factory/line-2" }).click();
  await page.getByRole("menuitem", { name: "Change the role" }).click();
  await page.getByRole("dialog").getByLabel("Role").selectOption("ADMIN");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(row.getByText("Admin")).toBeVisible();
  const stored = await (await request.get(`/api/v1/projects/${project}/members`)).json();
  expect(stored.items).toEqual([{ kind: "GROUP", name: "/factory/line-2", role: "ADMIN" }]);

  await row.getByRole("button", { name: "Actions on /factory/line-2" }).click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(page.getByRole("heading", { name: "No members yet" })).toBeVisible();
  expect((await (await request.get(`/api/v1/projects/${project}/members`)).json()).items).toEqual([]);
});
