import type { Caller, Role } from "../api/types";

/** Each role includes those before it. */
const ORDER: Role[] = ["VIEWER", "LABELLER", "ENGINEER", "APPROVER", "ADMIN"];

/** The higher of the role in all projects and the one in this project; undefined: none. */
export function roleIn(caller: Caller, projectId?: string): Role | undefined {
  const own = projectId ? caller.projects[projectId] : undefined;
  return ORDER.findLast((role) => role === caller.role || role === own);
}

/** Whether the caller may change what all tenants share. What is not known yet is allowed: the service decides. */
export const operates = (caller: Caller | undefined) =>
  may(caller, "ADMIN") && (!caller || caller.mode === "DISABLED" || caller.tenant === "default");

/** Whether the caller has the role, or a higher one. What is not known yet is allowed: the service decides. */
export function may(caller: Caller | undefined, needed: Role, projectId?: string): boolean {
  if (!caller || caller.mode === "DISABLED") {
    return true;
  }
  const role = roleIn(caller, projectId);
  return role !== undefined && ORDER.indexOf(role) >= ORDER.indexOf(needed);
}
