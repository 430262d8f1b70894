"""Classifiers by scikit-learn, for LearnersTest: writes examples with scikit-learn's answers.

python classical_reference.py > ../resources/dev/loupe/vision/recipe/classical/learners.csv
"""
import numpy as np
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

TRAIN, TEST, CLASSES = 160, 200, 4
x, y = make_classification(
    TRAIN + TEST, 8, n_informative=5, n_classes=CLASSES, n_clusters_per_class=2, class_sep=1.2, random_state=5)
x = np.round(StandardScaler().fit_transform(x), 4).astype(np.float32)
train, test = slice(0, TRAIN), slice(TRAIN, None)

models = {
    "logistic": OneVsRestClassifier(LogisticRegression(C=0.5, tol=1e-9, max_iter=10000)),
    # The bias of LinearSVC is regularised; a large scale makes that negligible.
    "linearSvm": LinearSVC(C=0.5, tol=1e-9, max_iter=100000, dual=False, intercept_scaling=1000),
    "rbfSvm": OneVsRestClassifier(SVC(C=2, gamma="scale")),
    "rbfSvmOneVsOne": SVC(C=2, gamma="scale"),
    "neighbours": KNeighborsClassifier(5),
    "weightedNeighbours": KNeighborsClassifier(7, weights="distance"),
    "tree": DecisionTreeClassifier(random_state=0),
    "forest": RandomForestClassifier(300, random_state=0),
}
answers = {name: model.fit(x[train], y[train]).predict(x) for name, model in models.items()}
margins = {name: models[name].decision_function(x) for name in ("logistic", "linearSvm", "rbfSvm")}
shares = models["weightedNeighbours"].predict_proba(x)

header = ["label"] + [f"x{i}" for i in range(x.shape[1])] + list(answers)
header += [f"{name}{c}" for name in margins for c in range(CLASSES)] + [f"weighted{c}" for c in range(CLASSES)]
print(",".join(header))
for i in range(TRAIN + TEST):
    row = [str(y[i])] + [f"{v:.4f}" for v in x[i]] + [str(a[i]) for a in answers.values()]
    row += [f"{v:.5f}" for m in margins.values() for v in m[i]] + [f"{v:.5f}" for v in shares[i]]
    print(",".join(row))
