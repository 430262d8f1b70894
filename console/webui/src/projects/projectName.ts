/** As ProjectName of the services. */
const NAME = /^([a-z0-9][a-z0-9-]{0,29}\.)?[a-z0-9][a-z0-9-]{0,62}$/;
const MAX_LENGTH = 63;

/** The tenant of a project with this name. */
export const tenantOf = (name: string) => (name.includes(".") ? name.slice(0, name.indexOf(".")) : "default");

/** What a name may be, for a person of this tenant. */
export const nameHelp = (tenant: string) =>
  tenant === "default"
    ? "Small letters, digits and hyphens, at most 63. For example: metal-parts"
    : `Begins with ${tenant}. and has small letters, digits and hyphens, at most 63. For example: ${tenant}.metal-parts`;

/** What is wrong with a name that was typed; nothing while it is empty. */
export const wrongName = (name: string, tenant: string) => {
  const before = tenant === "default" ? "" : `${tenant}.`;
  return name === "" ||
    (NAME.test(name) && name.length <= MAX_LENGTH && name.startsWith(before) && !name.slice(before.length).includes("."))
    ? undefined
    : `Use ${before && `${before} and then `}small letters, digits and hyphens, at most 63, beginning with a letter or digit.`;
};
