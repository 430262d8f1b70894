import type { Run } from "../api/types";
import { duration } from "../ui/format";

/** What a run does now, in a few words. */
export function RunProgressText({ run }: { run: Run }) {
  const text = progressText(run);
  return text ? <span className="quiet run-progress">{text}</span> : null;
}

export function progressText(run: Run): string {
  if (run.state === "QUEUED" && run.queue) {
    return `place ${run.queue.position} of ${run.queue.of}`;
  }
  const progress = run.progress;
  if (run.state !== "RUNNING" || !progress) {
    return "";
  }
  const share = progress.total > 0 ? `${Math.floor((100 * progress.done) / progress.total)} %` : "";
  const left = progress.etaSeconds !== undefined && progress.etaSeconds > 0 ? `${duration(progress.etaSeconds)} left` : "";
  return [phaseName(progress.phase), share, left].filter(Boolean).join(", ");
}

/** MEMORY_BANK → memory bank. */
export const phaseName = (phase: string) => phase.toLowerCase().replaceAll("_", " ");
