import type { UploadFile } from "./uploads";

/** What was dropped or chosen: files, and those inside folders. Hidden files are left out. */
export async function droppedFiles(data: DataTransfer): Promise<UploadFile[]> {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const found = entries.length
    ? (await Promise.all(entries.map((entry) => filesOf(entry, "")))).flat()
    : [...data.files].map((file) => ({ file, path: file.name }));
  return visible(found);
}

export const chosenFiles = (list: FileList): UploadFile[] =>
  visible([...list].map((file) => ({ file, path: file.webkitRelativePath || file.name })));

const visible = (files: UploadFile[]) =>
  files.filter(({ path }) => !path.split("/").some((part) => part.startsWith(".") || part === "__MACOSX"));

async function filesOf(entry: FileSystemEntry, folder: string): Promise<UploadFile[]> {
  const path = folder ? `${folder}/${entry.name}` : entry.name;
  if (entry.isFile) {
    const file = await new Promise<File>((found, failed) => (entry as FileSystemFileEntry).file(found, failed));
    return [{ file, path }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: UploadFile[] = [];
  // A browser tells a folder in parts.
  for (let part = await read(reader); part.length > 0; part = await read(reader)) {
    files.push(...(await Promise.all(part.map((child) => filesOf(child, path)))).flat());
  }
  return files;
}

const read = (reader: FileSystemDirectoryReader) =>
  new Promise<FileSystemEntry[]>((found, failed) => reader.readEntries(found, failed));

export const isZip = ({ file }: UploadFile) => /\.zip$/i.test(file.name);

/** By the name of the folder that each file lies in; files without a folder come under the empty text. */
export function byFolder(files: UploadFile[]): Map<string, UploadFile[]> {
  const folders = new Map<string, UploadFile[]>();
  for (const file of files) {
    const folder = file.path.split("/").at(-2) ?? "";
    folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }
  return folders;
}
