import { useSyncExternalStore } from "react";
import { forget, keptUploads, type KeptUpload } from "./kept";
import { lockOf, RESUMABLE, resume, whenUploadEnds } from "./uploads";

/** An upload that ended with its tab, or without an answer, and that no other tab goes on with. */
export type Interrupted = KeptUpload & { left: number };

const LONGEST_MILLIS = 7 * 24 * 60 * 60 * 1000;

let interrupted: readonly Interrupted[] = [];
const listeners = new Set<() => void>();

export const useInterrupted = () =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => interrupted,
  );

async function refresh() {
  if (!RESUMABLE) {
    return;
  }
  const found = [];
  for (const upload of await keptUploads()) {
    const { held } = await navigator.locks.query();
    if (held?.some(({ name }) => name === lockOf(upload.id))) {
      continue;
    }
    const over = (upload.left === 0 && upload.whole) || upload.at < Date.now() - LONGEST_MILLIS;
    if (over) {
      await remove(upload.id);
    } else {
      found.push(upload);
    }
  }
  interrupted = found;
  listeners.forEach((listener) => listener());
}

/** Unless a tab goes on with it. */
const remove = (id: string) =>
  navigator.locks.request(lockOf(id), { ifAvailable: true }, (lock) => (lock ? forget(id) : undefined));

/** Sends what is left; false if another tab does that. */
export async function goOn(upload: Interrupted): Promise<boolean> {
  const done = await resume(upload, () => void refresh());
  await refresh();
  return done;
}

export async function discard(upload: KeptUpload) {
  await remove(upload.id);
  await refresh();
}

/** Of a project that is deleted, for example. */
export const discardAll = (project: string) =>
  Promise.all(interrupted.filter((upload) => upload.project === project).map(discard));

// A browser without a place to keep files has none that wait.
const look = () => void refresh().catch(() => undefined);

// Another tab may have gone on meanwhile, or closed.
document.addEventListener("visibilitychange", look);
whenUploadEnds(look);
look();
