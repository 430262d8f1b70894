import type { MemberKind, Role } from "../api/types";

export const KINDS: Record<MemberKind, string> = { PERSON: "Person", GROUP: "Group" };

/** Each role with what it adds to those before it. */
export const ROLES: Record<Role, [name: string, may: string]> = {
  VIEWER: ["Viewer", "reads everything, and predicts"],
  LABELLER: ["Labeller", "adds images, changes labels and splits, decides on findings"],
  ENGINEER: ["Engineer", "freezes, trains, evaluates, promotes; deletes images, runs and model versions"],
  APPROVER: ["Approver", "decides on promotions that others ask for; sets the promotion policy"],
  ADMIN: ["Admin", "deletes the project, sets its quota, its tokens and its members"],
};
