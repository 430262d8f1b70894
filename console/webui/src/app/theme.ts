import { useSyncExternalStore } from "react";

const DARK = "pf-v6-theme-dark";
const changes = new EventTarget();

/** Whether the page is dark, and a function that changes it. public/theme.js applies the choice before the first paint. */
export function useTheme(): [boolean, (dark: boolean) => void] {
  const dark = useSyncExternalStore(
    (changed) => {
      changes.addEventListener("theme", changed);
      return () => changes.removeEventListener("theme", changed);
    },
    () => document.documentElement.classList.contains(DARK),
  );
  return [
    dark,
    (chosen) => {
      localStorage.setItem("theme", chosen ? "dark" : "light");
      document.documentElement.classList.toggle(DARK, chosen);
      changes.dispatchEvent(new Event("theme"));
    },
  ];
}
