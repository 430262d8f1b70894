/** Where a person goes after the login: a page of this origin, else the first page. */
export function returnTo(asked: string | null, origin: string): string {
  if (!asked?.startsWith("/")) {
    return "/";
  }
  try {
    const url = new URL(asked, origin);
    const page = url.origin === origin && !/^\/(login|auth|api)(\/|$)/.test(url.pathname);
    return page ? url.pathname + url.search + url.hash : "/";
  } catch {
    return "/";
  }
}
