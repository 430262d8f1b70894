import { Alert, AlertActionCloseButton, AlertActionLink, AlertGroup } from "@patternfly/react-core";
import { useSyncExternalStore } from "react";

interface Notice {
  id: number;
  text: string;
  variant: "success" | "danger" | "info";
  action?: Action;
}

interface Action {
  text: string;
  run: () => void;
}

let notices: readonly Notice[] = [];
let next = 1;
const listeners = new Set<() => void>();

function set(changed: readonly Notice[]) {
  notices = changed;
  listeners.forEach((listener) => listener());
}

/** Says something in the corner of the screen: what was done, or why it was not. */
export function notify(text: string, variant: Notice["variant"] = "success", action?: Action) {
  set([...notices, { id: next++, text, variant, action }]);
}

export function Notices() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => notices,
  );
  const close = (id: number) => set(notices.filter((notice) => notice.id !== id));
  return (
    <AlertGroup hasAnimations isToast isLiveRegion aria-label="Notices">
      {shown.map(({ id, text, variant, action }) => (
        <Alert
          key={id}
          variant={variant}
          title={text}
          // What failed stays until it is read.
          timeout={variant === "danger" ? false : action ? 20_000 : 6_000}
          onTimeout={() => close(id)}
          actionLinks={
            action && (
              <AlertActionLink
                onClick={() => {
                  close(id);
                  action.run();
                }}
              >
                {action.text}
              </AlertActionLink>
            )
          }
          actionClose={<AlertActionCloseButton title={text} onClose={() => close(id)} />}
        />
      ))}
    </AlertGroup>
  );
}
