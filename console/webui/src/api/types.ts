import type { components as D } from "./generated/dataset";
import type { components as I } from "./generated/inference";
import type { components as T } from "./generated/training";

/** The documents call every field optional. These are there in every answer. */
type With<S, K extends keyof S> = S & { [P in K]-?: NonNullable<S[P]> };

export interface PageOf<Item> {
  items: Item[];
  nextCursor?: string;
}

export type Task = D["schemas"]["Task"];
export type Project = With<D["schemas"]["Project"], "id" | "name" | "task" | "createdAt">;
/** A project in the list of all, with the numbers of its card. */
export type ListedProject = With<D["schemas"]["ProjectCard"], "id" | "name" | "task" | "createdAt">;
export type ProjectDetails = With<D["schemas"]["ProjectDetails"], "id" | "name" | "task" | "createdAt" | "images" | "unlabelled"> & {
  counts: Record<string, Record<string, number>>;
};
export type Caller = D["schemas"]["Caller"];
export type Role = D["schemas"]["Role"];
export type ApiToken = D["schemas"]["ApiToken"];
/** A person or a group with a role in a project. */
export type AuditEntry = D["schemas"]["AuditEntry"];
export type AuditPage = D["schemas"]["AuditPage"];
export type AuditVerification = D["schemas"]["AuditVerification"];
export type ProjectLimits = D["schemas"]["ProjectLimits"];
export type TokenLimits = D["schemas"]["TokenLimits"];
export type Tenant = D["schemas"]["Tenant"];
export type Member = D["schemas"]["Member"];
export type MemberKind = Member["kind"];
export type DeletionPreview = Required<D["schemas"]["Preview"]>;
export type Image = With<D["schemas"]["Image"], "sha256" | "name" | "size" | "format" | "width" | "height" | "createdAt">;
export interface FacetValue {
  value: string;
  images: number;
}
export interface ImageFacets {
  total: number;
  unlabelled: number;
  labels: FacetValue[];
  splits: FacetValue[];
  products: FacetValue[];
}
export type ImageImport = With<D["schemas"]["ImageImport"], "id" | "state" | "createdAt">;
export type Split = D["schemas"]["Split"];

export interface DatasetWarning {
  code: string;
  message: string;
  /** Kind of the findings that show the problem. */
  findings?: FindingKind;
}
export type FindingKind = D["schemas"]["FindingKind"];
export type FindingState = D["schemas"]["FindingState"];
export type FindingImage = With<D["schemas"]["FindingImage"], "sha256" | "name" | "width" | "height">;
/** A finding about images of a project, or about a label. */
export type Finding = Omit<
  With<D["schemas"]["Finding"], "id" | "kind" | "severity" | "state" | "message" | "imageCount" | "foundAt">,
  "images"
> & { images: FindingImage[] };
export interface FindingPage extends PageOf<Finding> {
  total: number;
  counts: Required<D["schemas"]["FindingCount"]>[];
  unmeasured: number;
}
export type DatasetVersion = Omit<
  With<D["schemas"]["DatasetVersion"], "id" | "number" | "digest" | "testDigest" | "seed" | "classes" | "createdAt">,
  "counts" | "warnings"
> & {
  counts: Partial<Record<Split, Record<string, number>>>;
  warnings: DatasetWarning[];
};

export type VersionChangePage = Omit<D["schemas"]["VersionChangePage"], "items"> & { items: VersionChange[] };
export type VersionChange = With<D["schemas"]["VersionChange"], "sha256" | "name" | "kinds">;
export type VersionChangeKind = VersionChange["kinds"][number];

export type Run = Omit<
  With<
    T["schemas"]["Run"],
    "id" | "kind" | "project" | "task" | "datasetVersion" | "recipe" | "seed" | "register" | "state" | "attempt" | "createdAt" | "priority"
  >,
  "metrics" | "progress" | "recipe" | "selection" | "control" | "warnings"
> & {
  recipe: RecipeOfRun;
  metrics?: Record<string, number>;
  progress?: RunProgress;
  selection?: Selection;
  control?: Control | null;
  /** What to know before the model is used, in sentences; absent: nothing. */
  warnings?: string[] | null;
};
/** A cheap model that was trained beside that of a run, without what it is meant to have learned. */
export type Control = Omit<Required<T["schemas"]["Control"]>, "difference" | "metrics"> & {
  difference: Estimate;
  metrics: Record<string, number>;
};
export interface RecipeOfRun {
  name: string;
  parameters: Record<string, unknown>;
}
/** A search for parameters of a recipe. */
export interface Search {
  id: string;
  project: string;
  datasetVersion: number;
  recipe: RecipeOfRun;
  space: Record<string, SearchRange>;
  method: "RANDOM" | "TPE" | "SUCCESSIVE_HALVING";
  objective: string;
  state: "SEARCHING" | "FINAL_RUN" | "SUCCEEDED" | "FAILED" | "CANCELLED";
  reason?: string | null;
  finalRun?: string | null;
  createdAt: string;
  counts: { total: number; running: number; succeeded: number; failed: number };
  best?: Trial;
  warnings: string[];
  results?: Trial[];
}
export interface SearchRange {
  values?: unknown[];
  min?: number;
  max?: number;
  log?: boolean;
}
export interface Trial {
  number: number;
  run?: string | null;
  runState?: RunState | null;
  parameters: Record<string, unknown>;
  rung: number;
  epochs?: number | null;
  trainedEpochs?: number | null;
  state: "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELLED";
  reason?: string | null;
  metric?: number | null;
  seconds?: number | null;
  rank?: number | null;
}
export interface Selection {
  chosen: string;
  reason: string;
  candidates: {
    name: string;
    recipe: RecipeOfRun;
    devMetrics: Record<string, number>;
    seconds: number;
    note?: string;
    phase?: string;
  }[];
}
export type RunState = T["schemas"]["RunState"];
export type RunProgress = Omit<With<T["schemas"]["RunProgress"], "phase" | "done" | "total">, "metrics"> & {
  metrics?: Record<string, number>;
};
export type MetricSeries = T["schemas"]["MetricSeries"];
export type MetricHistory = T["schemas"]["MetricHistory"];
export type Place = Required<T["schemas"]["Place"]>;
/** The normal TRAIN image that the most abnormal place of an image is nearest to. */
export interface NearestNormal {
  place: Place;
  sha256: string;
  name?: string;
  normalPlace: Place;
  distance: number;
}
/** A TRAIN image that a TEST image looks like. */
export interface SimilarImage {
  sha256: string;
  name?: string;
  label: string;
  similarity: number;
}
export type TestResult = Omit<T["schemas"]["TestResult"], "nearest" | "similar"> & {
  nearest?: NearestNormal;
  similar?: SimilarImage[];
};
export type TestResultPage = Omit<T["schemas"]["TestResultPage"], "items"> & { items: TestResult[] };
type EvaluationPart = T["schemas"];
export type Estimate = With<EvaluationPart["Estimate"], "value">;
/** Why a trainer did not check its images. */
export interface Skipped {
  reason: string;
  message: string;
}
export type LabelIssuePage = Omit<T["schemas"]["LabelIssuePage"], "skipped"> & { skipped?: Skipped };
export interface LearningCurve {
  skipped?: Skipped;
  devImages: number;
  points: { images: number; accuracy: Estimate }[];
  /** The error with n images is c + a (n / n0)^-b. */
  law?: { n0: number; a: number; b: number; c: number };
  gainOfDoubling?: Estimate;
  sufficientImages?: number;
}
export type CurvePoint = With<EvaluationPart["CurvePoint"], "x" | "y">;
export type ClassReport = Omit<
  With<EvaluationPart["ClassReport"], "label" | "support" | "predicted" | "precision" | "recall" | "f1">,
  "roc" | "precisionRecall"
> & { roc?: CurvePoint[]; precisionRecall?: CurvePoint[] };
export type Average = Required<EvaluationPart["Average"]>;
export type ConfusionCell = Required<EvaluationPart["ConfusionCell"]>;
export type CalibrationBin = With<EvaluationPart["CalibrationBin"], "low" | "high" | "images">;
export interface Calibration {
  bins: CalibrationBin[];
  temperature?: Required<EvaluationPart["Temperature"]>;
}
export type ScoreBin = Required<EvaluationPart["ScoreBin"]>;
export interface Detection {
  threshold: number;
  histogram: ScoreBin[];
  /** What the metrics of pixels were measured on; absent without masks. */
  localization?: Required<EvaluationPart["Localization"]>;
  defects?: With<EvaluationPart["DefectReport"], "defect" | "images" | "found" | "regions">[];
  /** How the detector does on DEV with a part of its memory; absent for one without a memory. */
  memoryCurve?: MemoryCurve;
  products?: ProductReport[];
}
export interface ProductReport {
  product: string;
  normal: number;
  abnormal: number;
  auroc?: Estimate;
  falseAlarms: number;
  misses: number;
  /** Images nearest to the memory of this product; absent if the model does not tell products apart. */
  nearest?: number;
}
export interface MemoryCurve {
  metric: "auroc" | "distance";
  images: number;
  points: { patches: number; value: number }[];
  enough?: number;
  note: string;
}
export interface EvaluationReport {
  task: Task;
  labels: string[];
  images: number;
  metrics: Record<string, Estimate>;
  bootstrap: Required<EvaluationPart["Bootstrap"]>;
  classes: ClassReport[];
  averages: Record<"micro" | "macro" | "weighted", Average>;
  confusion: ConfusionCell[];
  /** Of a classifier. */
  calibration?: Calibration;
  /** Of an anomaly detector. */
  detection?: Detection;
}
/** How well the model of a run does on the TEST images. */
export interface Evaluation {
  data: Required<EvaluationPart["EvaluationData"]>;
  report: EvaluationReport;
  evaluatedAt: string;
  control?: Control;
}
export type PairedComparison = T["schemas"]["PairedComparisonPage"];
export type Disagreement = T["schemas"]["Disagreement"];
/** Which of two models is right on an image that they disagree on. */
export type PairOutcome = Exclude<Disagreement["outcome"], "BOTH_RIGHT">;
export interface ComparedRow {
  name: string;
  values: unknown[];
  differs: boolean;
}
export interface RunComparison {
  sameTestImages: boolean;
  runs: { id: string; datasetVersion: number; state: RunState; createdAt: string }[];
  parameters: ComparedRow[];
  metrics: ComparedRow[];
}
export type Backbone = With<T["schemas"]["ImportedBackbone"], "name">;

/** A property of a recipe's parameters, in JSON Schema. */
export interface Parameter {
  type: "integer" | "number" | "string" | "boolean";
  description?: string;
  default?: string | number | boolean;
  enum?: string[];
  format?: string;
  minimum?: number;
  maximum?: number;
  multipleOf?: number;
}
export interface Recipe {
  name: string;
  task: Task;
  summary: string;
  description?: string;
  parameters: { properties?: Record<string, Parameter>; required?: string[] };
  /** Parameters that a search varies by default. */
  search?: Record<string, SearchRange>;
}

export type VersionQuantization = With<
  I["schemas"]["VersionQuantization"],
  "accepted" | "images" | "calibrationImages"
>;
export type ModelVersion = Omit<
  With<
    I["schemas"]["VersionView"],
    "number" | "runId" | "task" | "state" | "datasetVersion" | "testDigest" | "recipe" | "backbone" | "labels" | "createdAt"
  >,
  "metrics"
> & { metrics: Record<string, number> };
export type PromotionCheck = With<I["schemas"]["PromotionCheck"], "kind" | "outcome" | "expected" | "found">;
export type AliasMove = Omit<
  With<I["schemas"]["AliasMove"], "alias" | "version" | "generation" | "kind" | "gate" | "actor" | "movedAt">,
  "checks"
> & { checks?: PromotionCheck[] };
export type CanaryChange = With<
  I["schemas"]["CanaryChange"],
  "alias" | "revision" | "kind" | "active" | "holder" | "candidate" | "weight" | "shadow" | "actor" | "changedAt"
>;
export type Rollout = Omit<
  With<I["schemas"]["Rollout"], "alias" | "candidate" | "revision" | "step" | "state" | "message" | "actor">,
  "plan"
> & { plan: With<I["schemas"]["RolloutPlan"], "steps" | "bakeSeconds" | "minRequests" | "maxErrorRate"> };
export type ShadowDisagreement = With<
  I["schemas"]["Disagreement"],
  "id" | "predictedAt" | "holderAnswer" | "holderScore" | "candidateAnswer" | "candidateScore"
>;
export type DisagreementReport = Omit<
  With<I["schemas"]["DisagreementReport"], "holder" | "candidate" | "images" | "disagreements" | "failed" | "dropped">,
  "items"
> & { items: ShadowDisagreement[] };
export type PromotionPolicy = I["schemas"]["PromotionPolicy"];
export type PromotionPolicyState = With<I["schemas"]["PromotionPolicyState"], "revision" | "policy">;
export type ApprovalRequest = With<
  I["schemas"]["ApprovalRequest"],
  "number" | "alias" | "version" | "baseGeneration" | "actor" | "createdAt" | "state"
>;
export type ThresholdVersion = Omit<With<I["schemas"]["ThresholdView"], "number" | "current" | "value" | "method" | "how">, "dev"> & {
  dev?: { falseAlarms: ErrorRate; misses: ErrorRate };
};
export type ErrorRate = With<I["schemas"]["ErrorRate"], "count" | "images">;
export type ThresholdRequest = I["schemas"]["ThresholdRequest"];
/** A DEV image with the score that the trainer computed. */
export interface DevImage {
  sha256: string;
  label: string;
  score: number;
}
/** Scores of DEV images, and which label is the normal one. */
export interface DevScores {
  images: DevImage[];
  normalLabel: string;
}
export type Model = With<I["schemas"]["Model"], "projectId" | "name" | "task">;

export type Anomaly = With<I["schemas"]["Anomaly"], "score" | "anomalous" | "threshold" | "thresholdVersion">;
export type Classification = Omit<With<I["schemas"]["Classification"], "label" | "score">, "probabilities"> & {
  probabilities: Required<I["schemas"]["Probability"]>[];
};
export type ImagePrediction = Omit<With<I["schemas"]["ImagePrediction"], "version">, "anomaly" | "classification" | "times"> & {
  anomaly?: Anomaly;
  classification?: Classification;
  times: Required<I["schemas"]["Times"]>;
};

export type ReviewKind = I["schemas"]["ReviewKind"];
export type PredictionLogSettings = I["schemas"]["PredictionLogSettings"];
export type PredictionLogMode = I["schemas"]["PredictionLogMode"];
export type PredictionLogState = With<I["schemas"]["PredictionLogState"], "revision" | "settings">;
export type LoggedPrediction = With<
  I["schemas"]["LoggedPrediction"],
  "id" | "createdAt" | "version" | "label" | "score" | "latencyMillis" | "imageKept"
>;
export type LiveRate = Required<I["schemas"]["LiveRate"]>;
export interface LiveMetrics {
  task: Task;
  versions: {
    version: number;
    rates: { predictions: number; accuracy?: LiveRate; falseAlarms?: LiveRate; misses?: LiveRate };
  }[];
}
export interface DriftWindow {
  endedAt: string;
  images: number;
  tests: { measure: string; pValue: number; drifted: boolean; referenceMedian: number; median: number }[];
}
/** Whether the predictions of a version are as its first ones. */
export interface Drift {
  version: number;
  state: "COLLECTING" | "STABLE" | "DRIFTED";
  windows: DriftWindow[];
}
export type PredictionCounts = Omit<With<I["schemas"]["PredictionCounts"], "from" | "to" | "interval">, "items"> & {
  items: With<I["schemas"]["PredictionCount"], "start" | "version" | "label" | "predictions">[];
};
