import { Button, Card, CardBody, CardHeader, CardTitle, Content, SearchInput } from "@patternfly/react-core";
import { useEffect, useRef } from "react";
import { useSearchParams } from "react-router";
import { isActive } from "../api/runs";
import type { Run } from "../api/types";
import { number } from "../ui/format";
import { withParameters } from "../ui/search";
import { MOST_MATCHES } from "./log";
import { useLog } from "./useLog";
import { type LogSearch, useLogSearch } from "./useLogSearch";
import "./log.css";

/**
 * What the trainer writes. While the run goes on, new lines follow; the end stays in view unless something else was
 * scrolled to. With ?find=TERM in the address, that is searched.
 */
export function RunLog({ run }: { run: Run }) {
  const started = run.attempt > 0;
  const log = useLog(run.id, started, isActive(run));
  const box = useRef<HTMLPreElement>(null);
  const atEnd = useRef(true);
  const [search, setSearch] = useSearchParams();
  const term = search.get("find") ?? "";
  const found = useLogSearch(box, log, term, () => (atEnd.current = false));
  useEffect(() => {
    if (atEnd.current) {
      box.current?.scrollTo({ top: box.current.scrollHeight });
    }
  }, [log]);
  const find = (text: string) =>
    setSearch(
      withParameters({ find: text || undefined }),
      // At once: a field whose text comes late loses what is typed meanwhile.
      { replace: true, flushSync: true },
    );
  return (
    <Card>
      <CardHeader
        actions={{
          hasNoOffset: true,
          actions: started && (
            <>
              <Find term={term} found={found} onFind={find} />
              <Button variant="link" component="a" href={`/api/v1/runs/${run.id}/logs`} download={`run-${run.id}.log`}>
                Download
              </Button>
            </>
          ),
        }}
      >
        <CardTitle component="h2">Log</CardTitle>
      </CardHeader>
      <CardBody className="stack">
        {log.dropped > 0 && (
          <Content component="small">Only the end of the log is shown and searched. The download has all of it.</Content>
        )}
        {started ? (
          <pre
            ref={box}
            className="log code"
            tabIndex={0}
            role="log"
            aria-label="Log"
            aria-live="off"
            onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) =>
              (atEnd.current = scrollTop + clientHeight >= scrollHeight - 8)
            }
          >
            {log.text || "Nothing was written yet."}
          </pre>
        ) : (
          <Content component="p" className="quiet">
            The log begins when the trainer starts.
          </Content>
        )}
      </CardBody>
    </Card>
  );
}

/** Enter goes to the next match, Shift+Enter to the one before. */
function Find({ term, found, onFind }: { term: string; found: LogSearch; onFind: (term: string) => void }) {
  const { count, current, step } = found;
  const all = count < MOST_MATCHES ? number(count) : `${number(count)} or more`;
  const place = count > 0 ? `${number(current + 1)} of ${all}` : "no match";
  return (
    <>
      <SearchInput
        className="log-search"
        aria-label="Search in the log"
        placeholder="Search in the log"
        value={term}
        onChange={(_, text) => onFind(text)}
        onClear={() => onFind("")}
        resultsCount={place}
        resultsCountContext=""
        onNextClick={() => step(1)}
        onPreviousClick={() => step(-1)}
        nextNavigationButtonAriaLabel="Next match"
        previousNavigationButtonAriaLabel="Previous match"
        isNextNavigationButtonDisabled={count === 0}
        isPreviousNavigationButtonDisabled={count === 0}
        onKeyDown={(event) => {
          if (event.key === "Enter" && event.target instanceof HTMLInputElement) {
            event.preventDefault();
            step(event.shiftKey ? -1 : 1);
          }
        }}
      />
      <span role="status" className="pf-v6-screen-reader">
        {term && `Matches: ${place}`}
      </span>
    </>
  );
}
