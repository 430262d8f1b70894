/** What failed in a login, by the name in the address that the gateway leads to: the title, and what to do. */
export const PROBLEMS: Record<string, [title: string, advice: string]> = {
  PROVIDER_UNAVAILABLE: [
    "The identity provider does not answer",
    "Who is logged in already can go on working for some minutes. Try again in a minute; if that does not help, tell the " +
      "administrator of the provider. Log in with an API token until then, if you have one.",
  ],
  PROVIDER_FAILED: [
    "The identity provider did not complete the login",
    "Try again. If that does not help, tell the administrator of Loupe: the log of the console says why.",
  ],
  DENIED: ["The login was cancelled", "The identity provider refused it, or you cancelled it there. Log in again, or ask for access."],
  EXPIRED: ["The login took too long", "It must begin and end in the same browser, within ten minutes. Log in again."],
  REFUSED: [
    "The identity provider knows you, but Loupe does not accept its answer",
    "Tell the administrator of Loupe: issuer, audience or claims of the services do not match the provider.",
  ],
  SERVICE_UNAVAILABLE: ["Loupe does not answer", "dataset-service is not reachable; it may be starting. Try again in some seconds."],
};
