import { useSyncExternalStore } from "react";
import { messageOf } from "../api/problem";
import { send } from "./send";

export interface UploadFile {
  file: File;
  /** Its path inside the folder that was chosen. */
  path: string;
}

export interface Refusal {
  name: string;
  reason: string;
}

/** Files that go into one project with one label. */
export interface Upload {
  id: number;
  project: string;
  label?: string;
  total: number;
  done: number;
  added: number;
  existing: number;
  refusals: readonly Refusal[];
  state: "running" | "done" | "cancelled";
}

const AT_ONCE = 4;

let uploads: readonly Upload[] = [];
let nextId = 1;
const cancels = new Map<number, AbortController>();
const listeners = new Set<() => void>();

function set(changed: readonly Upload[]) {
  uploads = changed;
  listeners.forEach((listener) => listener());
}

function update(id: number, change: (upload: Upload) => Partial<Upload>) {
  set(uploads.map((upload) => (upload.id === id ? { ...upload, ...change(upload) } : upload)));
}

/** The uploads of this tab; they go on while other screens are open. */
export const useUploads = () =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => uploads,
  );

/** Sends the files, some at a time; a file that is refused does not stop the others. Ends when all are sent. */
export async function upload(project: string, label: string | undefined, files: UploadFile[]): Promise<void> {
  const id = nextId++;
  const cancel = new AbortController();
  cancels.set(id, cancel);
  set([
    { id, project, label, total: files.length, done: 0, added: 0, existing: 0, refusals: [], state: "running" },
    ...uploads.filter((known) => known.state === "running" || known.project !== project || known.label !== label),
  ]);
  const waiting = files.values();
  const worker = async () => {
    for (const next of waiting) {
      if (cancel.signal.aborted) {
        return;
      }
      await one(id, project, label, next, cancel.signal);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, files.length) }, worker));
  cancels.delete(id);
  update(id, () => ({ state: cancel.signal.aborted ? "cancelled" : "done" }));
}

async function one(id: number, project: string, label: string | undefined, next: UploadFile, signal: AbortSignal) {
  try {
    const isNew = await send(project, label, next, signal);
    update(id, ({ done, added, existing }) => ({
      done: done + 1,
      added: added + (isNew ? 1 : 0),
      existing: existing + (isNew ? 0 : 1),
    }));
  } catch (error) {
    if (!signal.aborted) {
      const refusal = { name: next.path, reason: messageOf(error) };
      update(id, ({ done, refusals }) => ({ done: done + 1, refusals: [...refusals, refusal] }));
    }
  }
}

export const cancelUpload = (id: number) => cancels.get(id)?.abort();

export const forgetUpload = (id: number) => set(uploads.filter((upload) => upload.id !== id));

// Leaving the page would end them.
addEventListener("beforeunload", (event) => {
  if (uploads.some((upload) => upload.state === "running")) {
    event.preventDefault();
  }
});
