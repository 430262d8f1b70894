import { Card, CardBody, CardTitle, Content } from "@patternfly/react-core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { testResultsQuery } from "../api/runs";
import type { Run } from "../api/types";
import { Failure } from "../ui/Failure";
import { count } from "../ui/format";
import { LoadingBlock } from "../ui/loading";
import { ResultTile } from "./ResultTile";
import "./results.css";

const SHOWN = 8;

/** The TEST images that the model is wrong on and most confident of. */
export function SurestErrors({ run }: { run: Run }) {
  const wrong = useInfiniteQuery(testResultsQuery(run.id, { outcome: "WRONG" }));
  const page = wrong.data?.pages.at(0);
  return (
    <Card>
      <CardTitle component="h2">Most confident errors</CardTitle>
      <CardBody className="stack">
        {wrong.isError && (
          <Failure title="The TEST images could not be loaded" error={wrong.error} retry={() => wrong.refetch()} />
        )}
        {wrong.isPending && <LoadingBlock text="Loading the TEST images" />}
        {page?.total === 0 && (
          <Content component="p" className="quiet">
            The answer is right for each TEST image.
          </Content>
        )}
        {page && page.total > 0 && (
          <>
            <ul className="results" aria-label="Most confident errors">
              {page.items.slice(0, SHOWN).map((image) => (
                <ResultTile key={image.sha256} run={run} image={image} opacity={0.7} />
              ))}
            </ul>
            <Link to={`../runs/${run.id}/images?outcome=WRONG`}>Show {count(page.total, "wrong answer")}</Link>
          </>
        )}
      </CardBody>
    </Card>
  );
}
