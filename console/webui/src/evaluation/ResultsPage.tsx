import { RunScreen } from "../runs/RunScreen";
import { ResultGallery } from "./ResultGallery";

/** The TEST images of a run: ?outcome=WRONG, &truth= and &predicted= select some. */
export function ResultsPage() {
  return <RunScreen view="TEST images">{(run) => <ResultGallery run={run} />}</RunScreen>;
}
