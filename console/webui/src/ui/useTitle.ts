import { useEffect } from "react";

/** Names the browser's tab. */
export function useTitle(...parts: (string | undefined)[]) {
  const title = [...parts, "Loupe"].filter(Boolean).join(" · ");
  useEffect(() => {
    document.title = title;
  }, [title]);
}
