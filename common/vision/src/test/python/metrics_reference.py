"""Metrics by scikit-learn, scipy and numpy, for EvaluationMetricsTest.

python3 metrics_reference.py > ../resources/dev/loupe/vision/evaluation/metrics.json

25 classifiers and 25 anomaly detectors with random predictions. Probabilities are given as integers: divided by the sum
of their row, they are the same numbers here and in the test. Written with scikit-learn 1.9.1, scipy and numpy.
"""
import json
import math
import warnings

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import binomtest
from sklearn import metrics as sk

warnings.filterwarnings("ignore")  # about classes that are never predicted


def finite(value):
    return None if value is None or not math.isfinite(value) else float(value)


def ece(truth, probabilities, bins=15):
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    edges = np.linspace(0, 1, bins + 1)
    total = 0.0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            total += inside.mean() * abs(confidence[inside].mean() - right[inside].mean())
    return total


def at(probabilities, temperature):
    scaled = probabilities ** (1 / temperature)
    return scaled / scaled.sum(axis=1, keepdims=True)


def averages(truth, predicted):
    present = sorted(set(truth) | set(predicted))
    return {
        kind: list(
            sk.precision_recall_fscore_support(truth, predicted, labels=present, average=kind, zero_division=0)[:3]
        )
        for kind in ("micro", "macro", "weighted")
    }


def classifier(rng):
    classes, size = int(rng.integers(2, 7)), int(rng.integers(12, 40))
    truth = rng.integers(0, classes, size)
    rows = np.stack([rng.choice(np.arange(1, 999), classes, replace=False) for _ in range(size)])
    for row, label in zip(rows, truth):
        if rng.random() < 0.6:
            best = row.argmax()
            row[best], row[label] = row[label], row[best]
    p = rows / rows.sum(axis=1, keepdims=True)
    predicted = p.argmax(axis=1)
    labels = np.arange(classes)
    one_hot = truth[:, None] == labels
    precision, recall, f1, support = sk.precision_recall_fscore_support(
        truth, predicted, labels=labels, zero_division=0
    )
    measurable = [c for c in labels if 0 < one_hot[:, c].sum() < size]
    aurocs = {int(c): sk.roc_auc_score(one_hot[:, c], p[:, c]) for c in measurable}
    precisions = {int(c): sk.average_precision_score(one_hot[:, c], p[:, c]) for c in measurable}
    fit = minimize_scalar(
        lambda t: sk.log_loss(truth, at(p, math.exp(t)), labels=labels),
        bounds=(math.log(0.05), math.log(20)),
        method="bounded",
        options={"xatol": 1e-9},
    )
    figures = {
        "accuracy": sk.accuracy_score(truth, predicted),
        "balancedAccuracy": sk.balanced_accuracy_score(truth, predicted),
        "macroF1": sk.f1_score(truth, predicted, average="macro", zero_division=0),
        "weightedF1": sk.f1_score(truth, predicted, average="weighted", zero_division=0),
        "kappa": sk.cohen_kappa_score(truth, predicted),
        "mcc": sk.matthews_corrcoef(truth, predicted),
        "logLoss": sk.log_loss(truth, p, labels=labels),
        "brier": float(((p - one_hot) ** 2).sum(axis=1).mean())
        if len(set(truth)) < 2
        else sk.brier_score_loss(truth, p if classes > 2 else p[:, 1], labels=labels, scale_by_half=False),
        "ece": ece(truth, p),
        "macroAuroc": np.mean(list(aurocs.values())) if aurocs else None,
        "macroAveragePrecision": np.mean(list(precisions.values())) if precisions else None,
    }
    for k in (2, 3, 5):
        if k < classes:
            figures[f"top{k}Accuracy"] = sk.top_k_accuracy_score(truth, p, k=k, labels=labels)
    return {
        "classes": classes,
        "truth": truth.tolist(),
        "rows": rows.tolist(),
        "metrics": {name: finite(value) for name, value in figures.items()},
        "averages": averages(truth, predicted),
        "perClass": [
            {
                "precision": precision[c],
                "recall": recall[c],
                "f1": f1[c],
                "support": int(support[c]),
                "auroc": finite(aurocs.get(c)),
                "averagePrecision": finite(precisions.get(c)),
            }
            for c in range(classes)
        ],
        "temperature": math.exp(fit.x),
        "scaledLogLoss": fit.fun,
    }


def exact(events):
    interval = binomtest(int(events.sum()), len(events)).proportion_ci(0.95, method="exact")
    return [interval.low, interval.high]


def detector(rng):
    size = int(rng.integers(10, 40))
    abnormal = rng.random(size) < 0.4
    abnormal[:2] = [True, False]
    scores = np.round(rng.normal(3, 1, size) + abnormal * rng.uniform(0, 2), 1)
    threshold = float(np.round(rng.uniform(2, 5), 2))
    predicted = scores >= threshold
    fpr, tpr, _ = sk.roc_curve(abnormal, scores, drop_intermediate=False)
    precision, recall, _ = sk.precision_recall_curve(abnormal, scores)
    return {
        "abnormal": abnormal.tolist(),
        "scores": scores.tolist(),
        "threshold": threshold,
        "metrics": {
            "auroc": sk.roc_auc_score(abnormal, scores),
            "averagePrecision": sk.average_precision_score(abnormal, scores),
            "accuracy": sk.accuracy_score(abnormal, predicted),
            "balancedAccuracy": sk.balanced_accuracy_score(abnormal, predicted),
            "precision": sk.precision_score(abnormal, predicted, zero_division=0),
            "recall": sk.recall_score(abnormal, predicted, zero_division=0),
            "f1": sk.f1_score(abnormal, predicted, zero_division=0),
            "kappa": finite(sk.cohen_kappa_score(abnormal, predicted)),
            "mcc": sk.matthews_corrcoef(abnormal, predicted),
            "falsePositiveRate": 1 - sk.recall_score(abnormal, predicted, pos_label=False, zero_division=0),
            "missRate": 1 - sk.recall_score(abnormal, predicted, zero_division=0),
        },
        "intervals": {
            "falsePositiveRate": exact(predicted[~abnormal]),
            "missRate": exact(~predicted[abnormal]),
        },
        "confusion": sk.confusion_matrix(abnormal, predicted, labels=[False, True]).tolist(),
        "roc": [fpr.tolist(), tpr.tolist()],
        "precisionRecall": [recall[::-1].tolist(), precision[::-1].tolist()],
    }


def interval(metric, abnormal, rng):
    """Ends of the 95 % interval, of 20,000 resamples stratified by class."""
    strata = [np.flatnonzero(abnormal), np.flatnonzero(~abnormal)]
    values = [
        metric(np.concatenate([rng.choice(stratum, len(stratum)) for stratum in strata])) for _ in range(20_000)
    ]
    return np.percentile(values, [2.5, 97.5]).tolist()


def intervals(rng):
    abnormal = rng.random(200) < 0.3
    scores = np.round(rng.normal(3, 1, 200) + abnormal, 2)
    positive, negative = int(abnormal.sum()), int((~abnormal).sum())

    def auroc(i):
        # Mann-Whitney by ranks: much faster than roc_auc_score for this many resamples.
        order = np.sort(scores[i][~abnormal[i]])
        above = np.searchsorted(order, scores[i][abnormal[i]], "left")
        upto = np.searchsorted(order, scores[i][abnormal[i]], "right")
        return (above + upto).sum() / 2 / positive / negative

    assert abs(auroc(np.arange(200)) - sk.roc_auc_score(abnormal, scores)) < 1e-12
    return {
        "abnormal": abnormal.tolist(),
        "scores": scores.tolist(),
        "threshold": 3.5,
        "accuracy": interval(lambda i: np.mean((scores[i] >= 3.5) == abnormal[i]), abnormal, rng),
        "auroc": interval(auroc, abnormal, rng),
    }


rng = np.random.default_rng(14)
document = {
    "classifiers": [classifier(rng) for _ in range(25)],
    "detectors": [detector(rng) for _ in range(25)],
    "intervals": intervals(rng),
}
print(json.dumps(document, separators=(",", ":")))
