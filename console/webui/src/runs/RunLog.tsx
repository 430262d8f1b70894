import { Button, Card, CardBody, CardHeader, CardTitle, Content } from "@patternfly/react-core";
import { useEffect, useRef, useState } from "react";
import { isActive } from "../api/resources";
import type { Run } from "../api/types";

const MOST_SHOWN = 200_000;

/** What the trainer writes. While the run goes on, new lines follow; the end stays in view. */
export function RunLog({ run }: { run: Run }) {
  const started = run.attempt > 0;
  const text = useLog(run.id, started, isActive(run));
  const box = useRef<HTMLPreElement>(null);
  useEffect(() => {
    box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [text]);
  return (
    <Card>
      <CardHeader
        actions={{
          hasNoOffset: true,
          actions: started && (
            <Button variant="link" component="a" href={`/api/v1/runs/${run.id}/logs`} download={`run-${run.id}.log`}>
              Download
            </Button>
          ),
        }}
      >
        <CardTitle component="h2">Log</CardTitle>
      </CardHeader>
      <CardBody>
        {started ? (
          <pre ref={box} className="log code" tabIndex={0} role="log" aria-label="Log" aria-live="off">
            {text || "Nothing was written yet."}
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

function useLog(run: string, started: boolean, follow: boolean) {
  const [text, setText] = useState("");
  useEffect(() => {
    if (!started) {
      return;
    }
    const stop = new AbortController();
    void read(run, follow, stop.signal, setText).catch(() => undefined); // a later view shows it again
    return () => stop.abort();
  }, [run, started, follow]);
  return text;
}

async function read(run: string, follow: boolean, signal: AbortSignal, show: (text: string) => void) {
  const answer = await fetch(`/api/v1/runs/${run}/logs?follow=${follow}`, { signal });
  if (!answer.ok || !answer.body) {
    return;
  }
  let text = "";
  for await (const part of parts(answer.body.pipeThrough(new TextDecoderStream()))) {
    text = (text + part).slice(-MOST_SHOWN);
    show(text);
  }
}

async function* parts(stream: ReadableStream<string>) {
  const reader = stream.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    yield read.value;
  }
}
