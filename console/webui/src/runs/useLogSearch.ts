import { type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { type Log, matchesOf, matchFrom } from "./log";

const MATCH = "log-match";
const CURRENT = "log-current";

export interface LogSearch {
  /** Number of matches. */
  count: number;
  /** Which of them is the current one, from 0. */
  current: number;
  /** Makes the next match the current one, or an earlier one with -1; after the last one comes the first. */
  step: (by: 1 | -1) => void;
}

/**
 * Finds a term in the log, marks it, and scrolls to the current match, `beforeScroll` first. The marks are highlights of
 * CSS: the text stays one node, so that thousands of matches cost little. Browsers without them only scroll.
 */
export function useLogSearch(box: RefObject<HTMLElement | null>, log: Log, term: string, beforeScroll: () => void): LogSearch {
  // A place of the whole log, which stays when lines follow or are dropped.
  const [chosen, setChosen] = useState<{ term: string; place: number }>();
  const matches = useMemo(() => matchesOf(log.text, term), [log, term]);
  const place = chosen?.term === term ? chosen.place : 0;
  const current = matchFrom(matches, place - log.dropped);
  const scrolled = useRef<{ term: string; chosen?: object }>(undefined);
  useLayoutEffect(() => {
    const node = box.current?.firstChild;
    if (!node || matches.length === 0) {
      clearMarks();
      scrolled.current = undefined;
      return;
    }
    const rangeOf = (start: number) => {
      const range = document.createRange();
      range.setStart(node, start);
      range.setEnd(node, start + term.length);
      return range;
    };
    if ("highlights" in CSS) {
      CSS.highlights.set(MATCH, new Highlight(...matches.map(rangeOf)));
      CSS.highlights.set(CURRENT, new Highlight(rangeOf(matches[current])));
      CSS.highlights.get(CURRENT)!.priority = 1;
    }
    // Not again when only new lines came.
    if (scrolled.current?.term !== term || scrolled.current.chosen !== chosen) {
      scrolled.current = { term, chosen };
      beforeScroll();
      scrollTo(box.current!, rangeOf(matches[current]));
    }
  });
  useEffect(() => clearMarks, []);
  return {
    count: matches.length,
    current,
    step: (by) => {
      const next = matches.at((current + by) % matches.length);
      if (next !== undefined) {
        setChosen({ term, place: next + log.dropped });
      }
    },
  };
}

function clearMarks() {
  if ("highlights" in CSS) {
    CSS.highlights.delete(MATCH);
    CSS.highlights.delete(CURRENT);
  }
}

/** Scrolls the box alone, so that the match is in its middle; the page stays where it is. */
function scrollTo(box: HTMLElement, range: Range) {
  const offset = range.getBoundingClientRect().top - box.getBoundingClientRect().top;
  box.scrollTo({ top: box.scrollTop + offset - box.clientHeight / 2 });
}
