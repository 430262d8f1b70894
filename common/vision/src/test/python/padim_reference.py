"""Writes the expected numbers of PadimReferenceTest: Gaussians by place, Mahalanobis distances, anomaly maps and scores,
written out with NumPy in double precision; Ledoit and Wolf's covariance is scikit-learn's. Shares no code with Loupe.

python3 padim_reference.py > ../resources/dev/loupe/vision/recipe/padim/padim.json   (NumPy 2.4.6, scikit-learn 1.9.1)
"""
import json

import numpy as np
from sklearn.covariance import ledoit_wolf

STRIDE = 4
rng = np.random.default_rng(5)


def covariance(rows, kind):
    if kind == "ledoit-wolf":
        return ledoit_wolf(rows)[0]
    return np.cov(rows.T, bias=True).reshape(rows.shape[1], rows.shape[1])


def interpolated(grid):
    """Bilinear with half-pixel centres, clamped at the border."""
    axes = []
    for size in grid.shape:
        at = np.clip((np.arange(size * STRIDE) + 0.5) / STRIDE - 0.5, 0, size - 1)
        low = np.minimum(at.astype(int), size - 2)
        weights = np.zeros((size * STRIDE, size))
        weights[np.arange(len(at)), low] = 1 - (at - low)
        weights[np.arange(len(at)), low + 1] += at - low
        axes.append(weights)
    return axes[0] @ grid @ axes[1].T


def blurred(image):
    sigma = STRIDE / 2
    radius = int(np.ceil(4 * sigma))
    kernel = np.exp(-np.arange(-radius, radius + 1) ** 2 / (2 * sigma**2))
    kernel /= kernel.sum()
    padded = np.pad(image, radius, mode="reflect")
    rows = np.apply_along_axis(lambda row: np.convolve(row, kernel, "valid"), 1, padded)
    return np.apply_along_axis(lambda column: np.convolve(column, kernel, "valid"), 0, rows)


cases = []
for index in range(30):
    height, width = rng.integers(3, 5, 2)
    places, size, images = height * width, int(rng.integers(1, 7)), int(rng.integers(2, 15))
    kind = ["ledoit-wolf", "sample"][index % 2]
    epsilon = [0.01, 0.1, 1.0][index % 3]
    mixing = rng.normal(size=(size, size))
    train = (rng.normal(size=(images, places, size)) @ mixing + 3 * rng.normal(size=(places, size))).astype(np.float32)
    test = (rng.normal(size=(places, size)) @ mixing * 2 + 1).astype(np.float32)
    exact, tested = train.astype(np.float64), test.astype(np.float64)
    variance = exact.var(axis=0).mean()
    distances = np.empty(places)
    for place in range(places):
        matrix = covariance(exact[:, place], kind) + epsilon * variance * np.eye(size)
        difference = tested[place] - exact[:, place].mean(axis=0)
        distances[place] = np.sqrt(difference @ np.linalg.solve(matrix, difference))
    image = blurred(interpolated(distances.reshape(height, width)))
    top = np.sort(image.ravel())[::-1][: -(-image.size // 100)]
    cases.append({
        "height": int(height), "width": int(width), "size": size, "covariance": kind, "epsilon": epsilon,
        "train": [[float(str(v)) for v in row.ravel()] for row in train],
        "test": [float(str(v)) for v in test.ravel()],
        "distances": [float(f"{v:.10g}") for v in distances],
        "map": [float(f"{v:.8g}") for v in image.ravel()],
        "max": float(f"{image.max():.10g}"), "top": float(f"{top.mean():.10g}"),
    })
print(json.dumps(cases, separators=(",", ":")))
