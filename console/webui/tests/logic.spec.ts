import { expect, test } from "@playwright/test";
import type { Run } from "../src/api/types";
import { columnsOf, defaultColumns, orderOf, orderText, shownColumns, sortedRuns } from "../src/runs/columns";
import { EMPTY, extended, matchesOf, matchFrom } from "../src/runs/log";
import { fitsInto } from "../src/images/kept";
import { linesOf } from "../src/versions/changes";

/** What needs no browser. */
const run = (id: string, more: Partial<Run>): Run => ({
  id,
  project: "plates",
  task: "ANOMALY_DETECTION",
  datasetVersion: 1,
  recipe: { name: "patchcore", parameters: {} },
  seed: 1,
  register: true,
  state: "SUCCEEDED",
  attempt: 1,
  priority: 0,
  createdAt: "2026-01-01T00:00:00Z",
  ...more,
});

test.describe("columns of runs", () => {
  const runs = [
    run("a", { metrics: { auroc: 0.9, own: 2 }, recipe: { name: "patchcore", parameters: { imageSize: 128 } } }),
    run("b", { metrics: { auroc: 0.95 }, recipe: { name: "patchcore", parameters: { imageSize: 64, backbone: "x" } } }),
    run("c", { state: "RUNNING", seed: 10 }),
  ];
  const columns = columnsOf(runs, "ANOMALY_DETECTION");
  const order = (key: string, descending: boolean) =>
    sortedRuns(runs, columns.find((column) => column.key === key), descending).map(({ id }) => id).join("");

  test("are those that some run fills, and the main metric", () => {
    const keys = columns.map((column) => column.key);
    expect(keys[0]).toBe("run");
    expect(keys.filter((key) => key.startsWith("parameter."))).toEqual(["parameter.backbone", "parameter.imageSize"]);
    expect(keys.filter((key) => key.startsWith("metric."))).toEqual(["metric.auroc", "metric.own"]);
    expect(columnsOf([], "CLASSIFICATION").at(-1)?.key).toBe("metric.accuracy");
  });

  test("are shown in a fixed order; unknown ones are left out", () => {
    expect(shownColumns(columns, ["metric.own", "seed", "metric.gone"]).map(({ key }) => key)).toEqual([
      "run",
      "seed",
      "metric.own",
    ]);
    expect(shownColumns(columns, defaultColumns("ANOMALY_DETECTION"))).toHaveLength(7);
  });

  test("sort by number or text, with absent values last in both directions", () => {
    expect(order("metric.auroc", false)).toBe("abc");
    expect(order("metric.auroc", true)).toBe("bac");
    expect(order("parameter.imageSize", false)).toBe("bac");
    expect(order("seed", true)).toBe("cab");
    expect(order("state", false)).toBe("cab");
    expect(order("no such column", true)).toBe("abc");
  });

  test("have an order that the address names", () => {
    expect(orderOf("-metric.auroc")).toEqual({ key: "metric.auroc", descending: true });
    expect(orderOf(null)).toBeUndefined();
    expect(orderText({ key: "seed", descending: false })).toBe("seed");
  });
});

test.describe("log of a run", () => {
  test("drops whole lines from its beginning when it is too long", () => {
    const log = ["first\n", "second\n", "third\n"].reduce((before, part) => extended(before, part, 14), EMPTY);
    expect(log).toEqual({ text: "second\nthird\n".slice(0, 14), dropped: 6 });
    expect(extended(log, "x".repeat(20), 14)).toEqual({ text: "x".repeat(14), dropped: 25 });
    expect(extended(EMPTY, "short", 14)).toEqual({ text: "short", dropped: 0 });
  });

  test("is searched for a text, in either case", () => {
    expect(matchesOf("Loss 0.5\nloss (dev) 0.7", "loss")).toEqual([0, 9]);
    expect(matchesOf("a.b axb", "a.b")).toEqual([0]);
    expect(matchesOf("(dev", "(dev")).toEqual([0]);
    expect(matchesOf("anything", "")).toEqual([]);
    expect(matchesOf("e".repeat(9_000), "e")).toHaveLength(5_000);
  });

  test("goes on from a place to the match there or after it", () => {
    expect(matchFrom([3, 9, 20], 9)).toBe(1);
    expect(matchFrom([3, 9, 20], 10)).toBe(2);
    expect(matchFrom([3, 9, 20], 21)).toBe(0);
    expect(matchFrom([], 4)).toBe(0);
  });
});

test("files are kept as long as there is room; a large one does not keep the others out", () => {
  const files = [400, 900, 500, 100, 101].map((size) => ({ file: { size } as File, path: String(size) }));
  expect(fitsInto(1_000, files)).toEqual([0, 2, 3]);
  expect(fitsInto(0, files)).toEqual([]);
});

test("a change of an image says what was and what is", () => {
  const change = { sha256: "a", name: "a.png", kinds: [], inProject: true };
  const crack = { label: "abnormal", defect: "crack", split: "TEST", maskSha256: "m" } as const;
  expect(linesOf({ ...change, after: crack })).toEqual(["abnormal · crack · TEST"]);
  expect(linesOf({ ...change, before: { label: "normal", split: "TRAIN" } })).toEqual(["normal · TRAIN"]);
  expect(linesOf({ ...change, before: { label: "normal", split: "TRAIN" }, after: crack })).toEqual([
    "normal → abnormal",
    "TRAIN → TEST",
  ]);
  expect(linesOf({ ...change, before: crack, after: { label: "abnormal", split: "TEST" } })).toEqual([
    "crack → no defect",
    "mask → no mask",
  ]);
});
