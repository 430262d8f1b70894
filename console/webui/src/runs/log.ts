/** The end of what was written. */
export interface Log {
  text: string;
  /** Number of characters before the text; only a download has them. */
  dropped: number;
}

export const EMPTY: Log = { text: "", dropped: 0 };

/** Characters that are kept, so that a page which is open for days stays fast. */
const MOST_KEPT = 1_000_000;
/** Matches that are counted. */
export const MOST_MATCHES = 5_000;

/** The log with what was written next. If it is too long, its first lines are dropped. */
export function extended({ text, dropped }: Log, next: string, most = MOST_KEPT): Log {
  const all = text + next;
  if (all.length <= most) {
    return { text: all, dropped };
  }
  const from = all.length - most;
  const line = all.indexOf("\n", from - 1) + 1;
  const cut = line > 0 && line < all.length ? line : from;
  return { text: all.slice(cut), dropped: dropped + cut };
}

/** Where a term is in the text, in either case; at most MOST_MATCHES places. */
export function matchesOf(text: string, term: string): number[] {
  const found: number[] = [];
  if (term) {
    const pattern = new RegExp(term.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gi");
    for (let match = pattern.exec(text); match && found.length < MOST_MATCHES; match = pattern.exec(text)) {
      found.push(match.index);
    }
  }
  return found;
}

/** The number of the match that is at a place or follows it; the first one if none does. */
export const matchFrom = (matches: number[], place: number) => Math.max(0, matches.findIndex((match) => match >= place));
