"""Metrics of pixels written out with NumPy, for PixelScoresTest.

python3 pixel_reference.py > ../resources/dev/loupe/vision/evaluation/pixels.json

30 cases of a few small images with random scores and masks. Scores are integers, many of them equal. Regions are found by
flooding; each threshold is applied to each image. scikit-learn checks the ROC curve and the average precision. Written with
NumPy 2.4.6 and scikit-learn 1.9.1.
"""
import json

import numpy as np
from sklearn import metrics as sk

LIMIT = 0.3


def regions(mask):
    """Masks of the regions whose pixels touch at a side or a corner."""
    left = {tuple(place) for place in np.argwhere(mask)}
    found = []
    while left:
        region, edge = set(), [left.pop()]
        while edge:
            y, x = edge.pop()
            region.add((y, x))
            near = {(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)} & left
            left -= near
            edge.extend(near)
        one = np.zeros_like(mask)
        one[tuple(np.array(sorted(region)).T)] = True
        found.append(one)
    return found


def area(x, y, limit):
    """Below the line through the points, from 0 to the limit."""
    total = 0.0
    for x0, x1, y0, y1 in zip(x[:-1], x[1:], y[:-1], y[1:]):
        if x0 < limit < x1:
            x1, y1 = limit, y0 + (y1 - y0) * (limit - x0) / (x1 - x0)
        if x1 <= limit:
            total += (x1 - x0) * (y0 + y1) / 2
    return total


def aupro(maps, masks, chosen):
    """AUPRO of the regions of the chosen images, with the normal pixels of all images."""
    normal = np.concatenate([m[~mask] for m, mask in zip(maps, masks)])
    parts = [m[r] for i, (m, mask) in enumerate(zip(maps, masks)) if chosen[i] for r in regions(mask)]
    if not parts:
        return None, 0
    rates, overlaps = [0.0], [0.0]
    for threshold in np.unique(np.concatenate([m.ravel() for m in maps]))[::-1]:
        rates.append((normal >= threshold).mean())
        overlaps.append(np.mean([(part >= threshold).mean() for part in parts]))
    return float(area(rates, overlaps, LIMIT)) / LIMIT, len(parts)


def case(rng):
    count = int(rng.integers(2, 6))
    height, width = int(rng.integers(4, 12)), int(rng.integers(4, 12))
    maps, masks, kinds = [], [], []
    for i in range(count):
        normal = i > 0 and rng.random() < 0.4
        mask = np.zeros((height, width), bool)
        if not normal:
            mask = rng.random((height, width)) < rng.uniform(0.03, 0.3)
            mask[rng.integers(height), rng.integers(width)] = True
            mask[0, 0] = False
        scores = np.round(rng.normal(20, 8, (height, width)) + mask * rng.uniform(0, 25))
        maps.append(np.clip(scores, -5, 99).astype(int))
        masks.append(mask if mask.any() else np.zeros_like(mask))
        kinds.append(None if not mask.any() else str(rng.choice(["dent", "scratch"])))
    truth = np.concatenate([mask.ravel() for mask in masks])
    if not truth.any():
        return case(rng)
    values = np.concatenate([m.ravel() for m in maps])
    every, number = aupro(maps, masks, [True] * count)
    return {
        "width": width,
        "height": height,
        "images": [
            {"defect": kind, "scores": m.ravel().tolist(), "mask": mask.ravel().astype(int).tolist()}
            for m, mask, kind in zip(maps, masks, kinds)
        ],
        "pixelAuroc": sk.roc_auc_score(truth, values),
        "pixelAveragePrecision": sk.average_precision_score(truth, values),
        "aupro": every,
        "regions": number,
        "kinds": {
            kind: dict(zip(("aupro", "regions"), aupro(maps, masks, [one == kind for one in kinds])))
            for kind in ("dent", "scratch")
            if kind in kinds
        },
    }


rng = np.random.default_rng(15)
print(json.dumps([case(rng) for _ in range(30)], separators=(",", ":")))
