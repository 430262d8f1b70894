import { ApiError, unreachable } from "../api/problem";

/** How a person can log in. */
export interface LoginOptions {
  mode: "DISABLED" | "TOKEN" | "OIDC";
  provider: boolean;
}

async function request(path: string, init?: RequestInit): Promise<Response> {
  const answer = await fetch(path, init).catch(() => {
    throw unreachable();
  });
  if (!answer.ok) {
    throw ApiError.of(answer.status, await answer.text());
  }
  return answer;
}

export const loginOptions = async (): Promise<LoginOptions> => (await request("/auth/options")).json();

/** The gateway keeps the token in a cookie that no page can read. */
export const logInWithToken = (token: string) =>
  request("/auth/token", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token }),
  });

/** Ends the session and goes to the login page, by way of the provider's logout if there is one. */
export async function logOut() {
  const { location: next } = await (await request("/auth/logout", { method: "POST" })).json();
  location.assign(next);
}
