"""Ridge-penalised softmax regression by scikit-learn, for SoftmaxTrainingTest: prints its probabilities.

scikit-learn minimises C * sum(loss) + |W|^2 / 2, we minimise mean(loss) + penalty * |W|^2 / 2: C = 1 / (n * penalty).
"""
import numpy as np
from sklearn.linear_model import LogisticRegression

N, D, CLASSES, PENALTY = 90, 4, 3, 0.05
i, d = np.meshgrid(np.arange(N), np.arange(D), indexing="ij")
labels = np.arange(N) % CLASSES
x = np.sin(1.7 * i * (d + 1)) + 0.8 * np.cos(labels[:, None] * (d + 1.0))
x = (x - x.mean(0)) / x.std(0)
model = LogisticRegression(C=1 / (N * PENALTY), tol=1e-10, max_iter=10000).fit(x, labels)
for index in (0, 1, 2, 30, 61, 89):
    print(index, ", ".join(f"{p:.6f}" for p in model.predict_proba(x[index : index + 1])[0]))
