import { useSyncExternalStore } from "react";
import { idempotencyKey } from "../api/client";
import { ApiError, messageOf } from "../api/problem";
import { forget, forgetFile, keep, keptFiles, type KeptUpload } from "./kept";
import { send, sendArchive } from "./send";

export interface UploadFile {
  file: File;
  /** Its path inside the folder that was chosen. */
  path: string;
}

export interface Refusal {
  name: string;
  reason: string;
}

/** Files that go into one project with one label, or zip archives. */
export interface Upload {
  id: string;
  project: string;
  label?: string;
  archives: boolean;
  total: number;
  done: number;
  added: number;
  existing: number;
  refusals: readonly Refusal[];
  state: "running" | "done" | "cancelled";
}

const AT_ONCE = 4;

/** Whether uploads can go on after a reload. Browsers offer the locks to pages of the same machine and over HTTPS only. */
export const RESUMABLE = "locks" in navigator && "indexedDB" in globalThis;

let uploads: readonly Upload[] = [];
const cancels = new Map<string, AbortController>();
const listeners = new Set<() => void>();

function set(changed: readonly Upload[]) {
  uploads = changed;
  listeners.forEach((listener) => listener());
}

function update(id: string, change: (upload: Upload) => Partial<Upload>) {
  set(uploads.map((upload) => (upload.id === id ? { ...upload, ...change(upload) } : upload)));
}

const ends = new EventTarget();

/** An upload may end with files that Loupe did not answer for. */
export const whenUploadEnds = (act: () => void) => ends.addEventListener("end", act);

/** The uploads of this tab; they go on while other screens are open. */
export const useUploads = () =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => uploads,
  );

/**
 * Sends images with a label, or archives, some at a time; a file that is refused does not stop the others. Ends when all
 * are sent.
 */
export async function upload(project: string, label: string | undefined, files: UploadFile[], archives = false, products = false) {
  const kept: KeptUpload = {
    id: idempotencyKey(),
    project,
    label,
    archives,
    products,
    total: files.length,
    whole: false,
    at: Date.now(),
  };
  const work = () => sendAll(kept, [...files.entries()], (isSent) => keep(kept, files, isSent));
  await (RESUMABLE ? navigator.locks.request(lockOf(kept.id), work) : sendAll(kept, [...files.entries()]));
  ends.dispatchEvent(new Event("end"));
}

/** Goes on with an upload that was interrupted, and says so with `started`. Does nothing if another tab does that. */
export async function resume(kept: KeptUpload, started: () => void): Promise<boolean> {
  return navigator.locks.request(lockOf(kept.id), { ifAvailable: true }, async (lock) => {
    if (!lock) {
      return false;
    }
    const files = await keptFiles(kept.id);
    const sending = sendAll(kept, files);
    started();
    await sending;
    return true;
  });
}

/** The lock that a tab holds while it sends the files of an upload. */
export const lockOf = (id: string) => `loupe-upload-${id}`;

async function sendAll(
  kept: KeptUpload,
  files: [number, UploadFile][],
  keepFiles: (isSent: (index: number) => boolean) => Promise<void> = async () => undefined,
) {
  const { id, project, label, archives } = kept;
  const cancel = new AbortController();
  cancels.set(id, cancel);
  set([
    { id, project, label, archives, total: files.length, done: 0, added: 0, existing: 0, refusals: [], state: "running" },
    ...uploads.filter((known) => known.state === "running" || known.project !== project || known.label !== label),
  ]);
  const sent = new Set<number>();
  let unanswered = false;
  let over = false;
  const keeping = keepFiles((index) => over || sent.has(index)).catch(() => undefined); // the upload works without
  const waiting = files.values();
  const worker = async () => {
    for (const [index, next] of waiting) {
      if (cancel.signal.aborted) {
        return;
      }
      if (await one(kept, next, cancel.signal)) {
        sent.add(index);
        void forgetFile(id, index).catch(() => undefined);
      } else {
        unanswered = true;
      }
    }
  };
  await Promise.all(Array.from({ length: archives ? 1 : Math.min(AT_ONCE, files.length) }, worker));
  over = !unanswered || cancel.signal.aborted;
  cancels.delete(id);
  update(id, () => ({ state: cancel.signal.aborted ? "cancelled" : "done" }));
  await keeping;
  if (over) {
    await forget(id).catch(() => undefined);
  }
}

/** Sends one file; false if there was no answer, so that it can be sent later. */
async function one({ id, project, label, archives, products }: KeptUpload, next: UploadFile, signal: AbortSignal) {
  try {
    const isNew = await (archives ? sendArchive(project, next.file, products === true, signal) : send(project, label, next, signal));
    update(id, ({ done, added, existing }) => ({
      done: done + 1,
      added: added + (isNew ? 1 : 0),
      existing: existing + (isNew ? 0 : 1),
    }));
    return true;
  } catch (error) {
    if (!signal.aborted) {
      const refusal = { name: next.path, reason: messageOf(error) };
      update(id, ({ done, refusals }) => ({ done: done + 1, refusals: [...refusals, refusal] }));
    }
    return !(error instanceof ApiError && error.retryable);
  }
}

export const cancelUpload = (id: string) => cancels.get(id)?.abort();

export const forgetUpload = (id: string) => set(uploads.filter((upload) => upload.id !== id));

// Leaving the page would interrupt them.
addEventListener("beforeunload", (event) => {
  if (uploads.some((upload) => upload.state === "running")) {
    event.preventDefault();
  }
});
