import type { VersionChange, VersionChangeKind } from "../api/types";

export const KINDS: Record<VersionChangeKind, string> = {
  ADDED: "Added",
  REMOVED: "Removed",
  RELABELLED: "Relabelled",
  MOVED: "Moved to another split",
  DEFECT_CHANGED: "Other defect",
  MASK_CHANGED: "Other mask",
  PRODUCT_CHANGED: "Other product",
};

export const kindOf = (text: string | null) => (text && text in KINDS ? (text as VersionChangeKind) : undefined);

/** What was and what is, a line for each way in which an image differs. */
export function linesOf({ before, after }: VersionChange): string[] {
  if (!before || !after) {
    const state = before ?? after;
    return [[state?.label, state?.defect, state?.split, state?.product].filter(Boolean).join(" · ")];
  }
  const lines = [
    before.label !== after.label && `${before.label} → ${after.label}`,
    before.label === after.label && before.defect !== after.defect && `${before.defect ?? "no defect"} → ${after.defect ?? "no defect"}`,
    before.split !== after.split && `${before.split} → ${after.split}`,
    before.label === after.label && before.maskSha256 !== after.maskSha256 && maskLine(before.maskSha256, after.maskSha256),
    before.product !== after.product && `${before.product ?? "no product"} → ${after.product ?? "no product"}`,
  ];
  return lines.filter((line) => line !== false);
}

const maskLine = (before?: string, after?: string) =>
  !before ? "no mask → mask" : !after ? "mask → no mask" : "another mask";
