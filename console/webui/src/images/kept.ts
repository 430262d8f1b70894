import { createStore, del, delMany, getMany, keys, set, setMany } from "idb-keyval";
import type { UploadFile } from "./uploads";

/** An upload whose files this browser keeps until they are sent, so that it can go on after a reload. */
export interface KeptUpload {
  id: string;
  project: string;
  label?: string;
  archives: boolean;
  /** Whether folders of the archives, within those of labels, are products. */
  products?: boolean;
  total: number;
  /** Whether all files were kept; else some of those that are not sent must be chosen again. */
  whole: boolean;
  /** When it began, in milliseconds. */
  at: number;
}

type Key = ["upload", string] | ["file", string, number];

/** The browser copies what it keeps: of larger uploads, only a part is kept. */
const MOST_BYTES = 1_000_000_000;
const AT_ONCE = 50;

const store = createStore("loupe-uploads", "uploads");

/**
 * Keeps the files of an upload that are not sent yet. Ends early when the browser has no room; the upload itself does not
 * depend on it.
 */
export async function keep(upload: KeptUpload, files: UploadFile[], isSent: (index: number) => boolean) {
  await set(["upload", upload.id], upload, store);
  const fitting = fitsInto(await room(), files);
  for (let first = 0; first < files.length; first += AT_ONCE) {
    const some = fitting.slice(first, first + AT_ONCE).filter((index) => !isSent(index));
    await setMany(
      some.map((index) => [["file", upload.id, index] satisfies Key, files[index]]),
      store,
    );
    await delMany(some.filter(isSent).map((index) => ["file", upload.id, index] satisfies Key), store);
  }
  await set(["upload", upload.id], { ...upload, whole: fitting.length === files.length }, store);
}

/** The places of the files that fit into so many bytes, each taken if it fits beside those before it. */
export function fitsInto(bytes: number, files: UploadFile[]): number[] {
  let left = bytes;
  return [...files.keys()].filter((index) => {
    const { size } = files[index].file;
    if (size > left) {
      return false;
    }
    left -= size;
    return true;
  });
}

async function room() {
  const { quota = 0, usage = 0 } = await navigator.storage.estimate();
  return Math.min(MOST_BYTES, (quota - usage) / 2);
}

/** The file is sent, and need not be kept. */
export const forgetFile = async (id: string, index: number) => del(["file", id, index], store);

export async function forget(id: string) {
  await delMany((await keys<Key>(store)).filter((key) => key[1] === id), store);
}

/** The kept files of an upload, each with its place among all of it. */
export async function keptFiles(id: string): Promise<[number, UploadFile][]> {
  const places = (await keys<Key>(store)).filter((key) => key[0] === "file" && key[1] === id);
  const files = await getMany<UploadFile>(places, store);
  return places.map((place, at) => [place[2] as number, files[at]!]);
}

/** The uploads of which something is kept, and the number of their kept files. */
export async function keptUploads(): Promise<(KeptUpload & { left: number })[]> {
  const all = await keys<Key>(store);
  const uploads = await getMany<KeptUpload>(all.filter(([kind]) => kind === "upload"), store);
  return uploads
    .filter((upload) => upload !== undefined)
    .map((upload) => ({ ...upload, left: all.filter(([kind, id]) => kind === "file" && id === upload.id).length }));
}
