/** A change of the address's parameters, for `setSearchParams`: one without a value is removed, the others stay. */
export const withParameters = (values: Record<string, string | undefined>) => (before: URLSearchParams) => {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) {
      before.delete(name);
    } else {
      before.set(name, value);
    }
  }
  return before;
};
