/** As ProjectName of the services. */
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

export const NAME_HELP = "Small letters, digits and hyphens, at most 63. For example: metal-parts";

/** What is wrong with a name that was typed; nothing while it is empty. */
export const wrongName = (name: string) =>
  name === "" || NAME.test(name)
    ? undefined
    : "Use small letters, digits and hyphens, at most 63, beginning with a letter or digit.";
