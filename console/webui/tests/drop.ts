import type { Page } from "@playwright/test";

export interface DroppedFile {
  name: string;
  type: string;
  content: Buffer;
}

/** Drops files on a section of the page, as a person does. */
export async function drop(page: Page, section: string, files: DroppedFile[]) {
  const data = await page.evaluateHandle(
    (dropped) => {
      const transfer = new DataTransfer();
      for (const { name, type, base64 } of dropped) {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        transfer.items.add(new File([bytes], name, { type }));
      }
      return transfer;
    },
    files.map(({ name, type, content }) => ({ name, type, base64: content.toString("base64") })),
  );
  await page.getByRole("region", { name: section, exact: true }).dispatchEvent("drop", { dataTransfer: data });
}
