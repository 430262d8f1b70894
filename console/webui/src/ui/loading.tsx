import { Bullseye, Card, CardBody, CardHeader, Gallery, Skeleton, Spinner } from "@patternfly/react-core";

export function LoadingCards({ text }: { text: string }) {
  return (
    <Gallery hasGutter minWidths={{ default: "300px" }} maxWidths={{ md: "420px" }}>
      {[1, 2, 3].map((card) => (
        <Card key={card} style={{ blockSize: "14rem" }}>
          <CardHeader>
            <Skeleton width="60%" screenreaderText={text} />
          </CardHeader>
          <CardBody>
            <Skeleton />
          </CardBody>
        </Card>
      ))}
    </Gallery>
  );
}

/** In place of a table, with its height. */
export function LoadingRows({ text, rows = 5 }: { text: string; rows?: number }) {
  return (
    <div style={{ display: "grid", gap: "var(--pf-t--global--spacer--lg)" }}>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} screenreaderText={row === 0 ? text : undefined} height="1.5rem" />
      ))}
    </div>
  );
}

export function LoadingBlock({ text }: { text: string }) {
  return (
    <Bullseye style={{ minBlockSize: "12rem" }}>
      <Spinner aria-label={text} />
    </Bullseye>
  );
}
