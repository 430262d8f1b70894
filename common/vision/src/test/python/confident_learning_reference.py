"""Suspect labels by cleanlab, for ConfidentLearningTest.

python3 confident_learning_reference.py > ../resources/dev/loupe/vision/evaluation/confident-learning.json

Random probabilities with wrong labels. They are given as integers: divided by the sum of their row, they are the same
numbers here and in the test. Written with cleanlab 2.9.0 and numpy.
"""
import json

import numpy as np
from cleanlab.count import compute_confident_joint, get_confident_thresholds
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_normalized_margin_for_each_label, get_self_confidence_for_each_label

random = np.random.default_rng(12)


def case(images, classes, noise, sharpness, absent=None):
    truth = random.integers(0, classes, images)
    if absent is not None:
        truth[truth == absent] = (absent + 1) % classes
    labels = truth.copy()
    for i in random.choice(images, round(noise * images), replace=False):
        labels[i] = random.choice([c for c in range(classes) if c not in (truth[i], absent)])
    alpha = np.full((images, classes), 0.5)
    alpha[np.arange(images), truth] += sharpness
    weights = np.array([np.round(1000 * random.dirichlet(row)) for row in alpha]).astype(int) + 1
    probabilities = weights / weights.sum(axis=1, keepdims=True)
    joint = compute_confident_joint(labels, probabilities, calibrate=False)
    thresholds = get_confident_thresholds(labels, probabilities)
    suspects = find_label_issues(labels, probabilities, filter_by="confident_learning", n_jobs=1)
    return {
        "labels": labels.tolist(),
        "weights": weights.tolist(),
        # cleanlab's threshold of a class without images is 2.
        "thresholds": [None if t > 1 else float(t) for t in thresholds],
        "joint": joint.tolist(),
        "suspects": np.flatnonzero(suspects).tolist(),
        "selfConfidence": get_self_confidence_for_each_label(labels, probabilities).tolist(),
        "margin": get_normalized_margin_for_each_label(labels, probabilities).tolist(),
    }


cases = [
    case(120, 2, 0.1, 3),
    case(150, 3, 0.05, 5),
    case(150, 4, 0.2, 2),
    case(200, 7, 0.1, 3),
    case(100, 3, 0.0, 8),
    case(90, 4, 0.1, 2, absent=2),
]
print(json.dumps(cases, separators=(",", ":")))
