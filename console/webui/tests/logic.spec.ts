import { expect, test } from "@playwright/test";
import type { ClassReport, Control, Estimate, Parameter, PromotionCheck, Run } from "../src/api/types";
import { around, cropStyle, markStyle } from "../src/evaluation/place";
import { calibrationData, confusionsOf, matrixOf, sortedClasses } from "../src/evaluation/report";
import { errorsAt, flipsBetween, histogramOf, rangeOf, requestOf } from "../src/models/threshold";
import { growthData } from "../src/runs/curve";
import { columnsOf, defaultColumns, orderOf, orderText, shownColumns, sortedRuns } from "../src/runs/columns";
import { metricRows, partnerOf } from "../src/runs/compare";
import { differenceText } from "../src/runs/control";
import { EMPTY, extended, matchesOf, matchFrom } from "../src/runs/log";
import { fitsInto } from "../src/images/kept";
import { missingEvaluations } from "../src/models/missing";
import { floorsOf, floorText } from "../src/models/floors";
import { parseSteps, parseWeight } from "../src/models/weight";
import { rangeText, readRange } from "../src/searches/space";
import { linesOf } from "../src/versions/changes";

test("a learning curve goes on by its law to four times the images", () => {
  const of = (images: number, value: number) => ({ images, accuracy: { value } as Estimate });
  const { x, y, reference } = growthData({
    devImages: 20,
    points: [of(100, 0.7), of(200, 0.8)],
    law: { n0: 200, a: 0.1, b: 1, c: 0.1 },
  });
  expect([x[0], x.at(-1)]).toEqual([100, 800]);
  expect(y.filter((value) => value !== null)).toEqual([0.7, 0.8]);
  expect(reference![0]).toBeCloseTo(0.7, 9);
  expect(reference!.at(-1)).toBeCloseTo(0.875, 9);
});

test("a range is read as the command line reads it", () => {
  const rate: Parameter = { type: "number" };
  expect(readRange("log:0.001..0.1", rate).range).toEqual({ min: 0.001, max: 0.1, log: true });
  expect(readRange("1..8", { type: "integer" }).range).toEqual({ min: 1, max: 8 });
  expect(readRange("sgd, adam", { type: "string" }).range).toEqual({ values: ["sgd", "adam"] });
  expect(readRange("true,false", { type: "boolean" }).range).toEqual({ values: [true, false] });
  expect(readRange(" ", rate)).toEqual({});
  for (const text of ["log:0..1", "2..1", "a..b", "1,,2", "fast"]) {
    expect(readRange(text, rate).wrong, text).toBeDefined();
  }
  for (const range of [{ min: 1, max: 2 }, { min: 1, max: 2, log: true }, { values: [1, 2] }]) {
    expect(readRange(rangeText(range), rate).range).toEqual(range);
  }
});

/** What needs no browser. */
const run = (id: string, more: Partial<Run>): Run => ({
  id,
  kind: "TRAINING",
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

test.describe("threshold of a detector", () => {
  const scores = [1, 2, 3, 4].map((score) => ({ sha256: `n${score}`, label: "normal", score }));
  const dev = { normalLabel: "normal", images: [...scores, { sha256: "a3", label: "abnormal", score: 3 }, { sha256: "a9", label: "abnormal", score: 9 }] };

  test("counts images from the threshold on as abnormal", () => {
    expect(errorsAt(dev, 3)).toEqual({ falseAlarms: { count: 2, images: 4 }, misses: { count: 0, images: 2 } });
    expect(errorsAt(dev, 3.5)).toEqual({ falseAlarms: { count: 1, images: 4 }, misses: { count: 1, images: 2 } });
  });

  test("changes the images between both thresholds, in both directions", () => {
    const ids = (from: number, to: number) => flipsBetween(dev, from, to).map(({ sha256 }) => sha256).sort();
    expect(ids(2, 4)).toEqual(["a3", "n2", "n3"]);
    expect(ids(4, 2)).toEqual(["a3", "n2", "n3"]);
    expect(ids(3, 3)).toEqual([]);
  });

  test("has a histogram with every image, and a range around scores and threshold", () => {
    const range = rangeOf(dev, 11);
    expect(range.low).toBeLessThanOrEqual(1);
    expect(range.high).toBeGreaterThan(11);
    const bins = histogramOf(dev, range);
    expect(bins.reduce((sum, { normal }) => sum + normal, 0)).toBe(4);
    expect(bins.reduce((sum, { abnormal }) => sum + abnormal, 0)).toBe(2);
  });

  test("is asked for with shares, which are typed as percentages", () => {
    const choice = { method: "FALSE_ALARM_RATE", target: "1", confidence: "95" } as const;
    expect(requestOf(choice)).toEqual({ method: "FALSE_ALARM_RATE", target: 0.01, confidence: 0.95 });
    expect(requestOf({ ...choice, confidence: "20" })).toBe("The confidence is 50 to below 100 %");
    expect(requestOf({ ...choice, target: "100" })).toBe("Above 0 and below 100 %");
    expect(requestOf({ ...choice, method: "RECALL", target: "100" })).toEqual({ method: "RECALL", target: 1 });
    expect(requestOf({ ...choice, target: "" })).toBe("Above 0 and below 100 %");
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

test.describe("evaluation of a run", () => {
  const confusion = [
    { truth: "a", predicted: "a", images: 3 },
    { truth: "a", predicted: "b", images: 1 },
    { truth: "b", predicted: "a", images: 2 },
  ];

  test("has a matrix of all labels, and the most frequent confusions", () => {
    const rows = matrixOf(["a", "b", "c"], confusion);
    expect(rows.map((row) => row.images)).toEqual([4, 2, 0]);
    expect(rows[0].cells.map((cell) => cell.share)).toEqual([0.75, 0.25, 0]);
    expect(rows[2].cells.map((cell) => cell.share)).toEqual([0, 0, 0]);
    expect(confusionsOf(confusion).map(({ images }) => images)).toEqual([2, 1]);
  });

  test("has classes in any order; those without a value come last", () => {
    const one = (label: string, f1: number, auroc?: number): ClassReport => ({
      label,
      support: 1,
      predicted: 1,
      precision: 1,
      recall: 1,
      f1,
      auroc,
    });
    const classes = [one("a", 0.5), one("b", 0.25, 0.75), one("c", 1, 0.5)];
    const order = (key: string, descending: boolean) => sortedClasses(classes, { key, descending }).map(({ label }) => label).join("");
    expect(order("f1", false)).toBe("bac");
    expect(order("auroc", true)).toBe("bca");
    expect(order("auroc", false)).toBe("cba");
    expect(order("label", true)).toBe("cba");
    expect(sortedClasses(classes, { key: "roc", descending: true })).toBe(classes);
  });

  test("has a curve of its probabilities from 0 to 1", () => {
    const bin = (low: number, images: number) =>
      images ? { low, high: low + 0.5, images, confidence: low + 0.25, accuracy: 0.5 } : { low, high: low + 0.5, images };
    expect(calibrationData({ bins: [bin(0, 0), bin(0.5, 4)] })).toEqual({
      x: [0, 0.75, 1],
      y: [null, 0.5, null],
      reference: [0, 0.75, 1],
    });
  });
});

test.describe("control of a run", () => {
  const control = (difference: Estimate) =>
    ({ name: "patchcore on a random network", metric: "auroc", split: "TEST", images: 40, value: 0.75, difference }) as Control;

  test("is compared in a sentence", () => {
    expect(differenceText(control({ value: 0.125, low: -0.0312, high: 0.25 }))).toBe(
      "AUROC on 40 TEST images: 0.8750, control 0.7500. " +
        "The difference is +0.1250, with a 95 % interval from -0.0312 to +0.2500.",
    );
    expect(differenceText(control({ value: -0.25 }))).toContain("The difference is -0.2500.");
  });
});

test.describe("comparison of runs", () => {
  const at = (id: string, day: number, more: Partial<Run> = {}) =>
    run(id, { createdAt: `2026-01-0${day}T00:00:00Z`, metrics: { auroc: 1 }, ...more });
  const control = { recipe: { name: "patchcore", parameters: { backbone: "random" } } };

  test("is with the newest run before it that is no control", () => {
    const runs = [at("e", 5, { state: "FAILED" }), at("d", 4), at("c", 3, control), at("b", 2), at("a", 1)];
    expect(partnerOf("d", runs)?.id).toBe("b");
    expect(partnerOf("a", runs)?.id).toBe("d");
    expect(partnerOf("d", [at("d", 4), at("c", 3, control)])?.id).toBe("c");
    expect(partnerOf("d", [at("d", 4)])).toBeUndefined();
  });

  test("has the metrics of the runs and of their evaluations", () => {
    const rows = metricRows(
      [{ name: "accuracy", values: [0.5, 0.75], differs: true }],
      [{ kappa: { value: 0.25 }, accuracy: { value: 0.5, low: 0.25, high: 0.75 } }, {}],
    );
    expect(rows).toEqual([
      { name: "accuracy", values: [0.5, 0.75], differs: true },
      { name: "kappa", values: [0.25, undefined], differs: true },
    ]);
  });
});

test("a weight is a number of 0 to 100, with a comma or a percent sign, too", () => {
  expect(["0", " 12,5 ", "100 %", "0.5%"].map(parseWeight)).toEqual([0, 12.5, 100, 0.5]);
  expect(["", "%", "-1", "100.1", "half"].map(parseWeight)).toEqual([undefined, undefined, undefined, undefined, undefined]);
});

test("weights of a rollout increase", () => {
  expect(parseSteps("5, 12.5,100 %")).toEqual([5, 12.5, 100]);
  expect(["", "0, 5", "25, 5", "5, 5", "5, 101", "5;10"].map(parseSteps)).toEqual(Array(6).fill(undefined));
});

test.describe("floors of a promotion policy", () => {
  test("are lines of NAME=VALUE, whose names may contain =", () => {
    expect(floorsOf("accuracy=0.9\n\n a = b = 0.5 ")).toEqual({ accuracy: 0.9, "a = b": 0.5 });
    expect(floorsOf("")).toEqual({});
    expect(floorText({ scratch: 0.8, dent: 0.5 })).toBe("dent=0.5\nscratch=0.8");
  });

  test("are refused if a line is not one", () => {
    for (const wrong of ["accuracy", "=0.9", "accuracy=", "accuracy=high", "accuracy=Infinity"]) {
      expect(floorsOf(wrong)).toBeUndefined();
    }
  });
});

test.describe("a place of an image", () => {
  const place = { left: 0.5, top: 0, width: 0.1, height: 0.25 };

  test("is shown with what is around it, within the image", () => {
    const shown = around(place);
    expect(shown.left).toBeCloseTo(0.4);
    expect(shown.width).toBeCloseTo(0.3);
    expect(shown).toMatchObject({ top: 0, height: 0.75 });
    expect(around({ left: 0, top: 0, width: 0.5, height: 0.5 })).toEqual({ left: 0, top: 0, width: 1, height: 1 });
  });

  test("fills its box, and is framed there", () => {
    expect(cropStyle({ left: 0.25, top: 0.5, width: 0.5, height: 0.25 })).toEqual({
      insetInlineStart: "-50%",
      insetBlockStart: "-200%",
      inlineSize: "200%",
      blockSize: "400%",
    });
    expect(markStyle({ left: 0.5, top: 0.5, width: 0.25, height: 0.125 }, { left: 0.25, top: 0.5, width: 0.5, height: 0.25 })).toEqual({
      insetInlineStart: "50%",
      insetBlockStart: "0%",
      inlineSize: "50%",
      blockSize: "50%",
    });
  });
});

test("the evaluations that a promotion lacks are those that the checks name, each once", () => {
  const remedy = "evaluate version 1 on dataset version 12 first: ./loupe evaluate steel-strip 1 --on 12 --wait";
  const check = (more: Partial<PromotionCheck>): PromotionCheck => ({
    kind: "NOT_WORSE",
    outcome: "INCONCLUSIVE",
    expected: "",
    found: "",
    ...more,
  });
  expect(missingEvaluations([check({ remedy }), check({ remedy, subject: "auroc" })])).toEqual([
    { modelVersion: 1, datasetVersion: 12 },
  ]);
  expect(missingEvaluations([check({ remedy: "more TEST images make the interval narrower" }), check({})])).toEqual([]);
  expect(missingEvaluations([check({ outcome: "FAIL", remedy })])).toEqual([]);
});
