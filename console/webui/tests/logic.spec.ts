import { expect, test } from "@playwright/test";
import type { Run } from "../src/api/types";
import { columnsOf, defaultColumns, orderOf, orderText, shownColumns, sortedRuns } from "../src/runs/columns";

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
