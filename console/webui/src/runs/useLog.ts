import { useEffect, useRef, useState } from "react";
import { EMPTY, extended, type Log } from "./log";

const AGAIN_AFTER_MILLIS = 2_000;

/** What the trainers of a run wrote. With `follow`, new lines are added; a lost connection is made again. */
export function useLog(run: string, started: boolean, follow: boolean): Log {
  const [log, setLog] = useState(EMPTY);
  const shown = useRef(EMPTY);
  useEffect(() => {
    if (!started) {
      return;
    }
    const stop = new AbortController();
    const show = (next: Log) => {
      shown.current = next;
      setLog(next);
    };
    void (async () => {
      do {
        // What fails is tried again while the run goes on; else a later view shows it.
        await read(run, follow, stop.signal, shown.current, show).catch(() => undefined);
        await new Promise((resume) => setTimeout(resume, AGAIN_AFTER_MILLIS));
      } while (follow && !stop.signal.aborted);
    })();
    return () => stop.abort();
  }, [run, started, follow]);
  return log;
}

/** The service begins at the first line each time: what is shown already is not shown again. */
async function read(run: string, follow: boolean, signal: AbortSignal, shown: Log, show: (log: Log) => void) {
  const answer = await fetch(`/api/v1/runs/${run}/logs?follow=${follow}`, { signal });
  if (!answer.ok || !answer.body) {
    return;
  }
  let log = EMPTY;
  const before = shown.dropped + shown.text.length;
  for await (const part of parts(answer.body.pipeThrough(new TextDecoderStream()))) {
    log = extended(log, part);
    if (log.dropped + log.text.length > before) {
      show(log);
    }
  }
}

async function* parts(stream: ReadableStream<string>) {
  const reader = stream.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    yield read.value;
  }
}
