"""Writes the expected numbers of FeatureGaussianTest: scikit-learn's PCA, its reconstruction error by cell, and the
Mahalanobis distance with the covariance of its probabilistic model. Shares no code with Loupe.

python3 gaussian_reference.py > ../resources/dev/loupe/vision/recipe/gaussian/gaussian.json   (scikit-learn 1.9.1)
"""
import json

import numpy as np
from sklearn.decomposition import PCA

rng = np.random.default_rng(11)
cases = []
for index in range(30):
    cells, channels = int(rng.integers(1, 5)), int(rng.integers(2, 6))
    size, count = cells * channels, int(rng.integers(4, 25))
    share = [0.6, 0.9, 0.97][index % 3]
    scale = 3.0 ** -np.arange(size)[rng.permutation(size)].clip(max=5)
    mixing = np.linalg.qr(rng.normal(size=(size, size)))[0]
    train = (rng.normal(size=(count, size)) * scale @ mixing + rng.normal(size=size)).astype(np.float32)
    test = (rng.normal(size=size) @ mixing + 1).astype(np.float32)
    pca = PCA(n_components=share, svd_solver="full").fit(train.astype(np.float64))
    centred = test.astype(np.float64) - pca.mean_
    within = pca.components_ @ centred
    errors = np.linalg.norm((centred - within @ pca.components_).reshape(cells, channels), axis=1)
    variances = pca.explained_variance_
    noise = max(pca.noise_variance_, 1e-6 * variances[0])
    covariance = pca.components_.T @ np.diag(variances - noise) @ pca.components_ + noise * np.eye(size)
    mahalanobis = centred @ np.linalg.solve(covariance, centred)
    cases.append({
        "cells": cells, "count": count, "share": share, "components": int(pca.n_components_),
        "train": [float(str(v)) for v in train.ravel()],
        "test": [float(str(v)) for v in test],
        "errors": [float(f"{v:.10g}") for v in errors],
        "reconstruction": float(f"{np.sqrt((errors**2).mean()):.10g}"),
        "mahalanobis": float(f"{np.sqrt(mahalanobis / cells):.10g}"),
        "noise": float(f"{noise:.10g}"),
    })
print(json.dumps(cases, separators=(",", ":")))
