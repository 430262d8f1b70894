"""Expected numbers of PairedDifferenceTest. Needs nothing but Python.

Accuracy: the model is right on all of 40 images, the other one on 30. In a bootstrap resample, the number of images that
only the model is right on is binomial with n = 40 and p = 10/40, so the ends of the interval are its quantiles.

AUROC: the standard error of the difference according to DeLong, DeLong and Clarke-Pearson, "Comparing the Areas under Two
or More Correlated Receiver Operating Characteristic Curves", Biometrics 44(3), 1988; the ends are 1.96 of it away.
"""

from math import comb


def quantile(n, p, share):
    total = 0.0
    for k in range(n + 1):
        total += comb(n, k) * p**k * (1 - p) ** (n - k)
        if total >= share:
            return k / n


def mean(values):
    return sum(values) / len(values)


def covariance(a, b):
    return sum((x - mean(a)) * (y - mean(b)) for x, y in zip(a, b)) / (len(a) - 1)


def components(scores, truth):
    positive = [s for s, t in zip(scores, truth) if t]
    negative = [s for s, t in zip(scores, truth) if not t]
    kernel = lambda p, n: 1.0 if p > n else 0.5 if p == n else 0.0
    return ([mean([kernel(p, n) for n in negative]) for p in positive],
            [mean([kernel(p, n) for p in positive]) for n in negative])


def delong(first, second, truth):
    (p1, n1), (p2, n2) = components(first, truth), components(second, truth)
    variance = sum((covariance(a, a) + covariance(b, b) - 2 * covariance(a, b)) / len(a) for a, b in ((p1, p2), (n1, n2)))
    return mean(p1), mean(p2), variance**0.5


print("accuracy", quantile(40, 0.25, 0.025), quantile(40, 0.25, 0.975))
truth = [i % 2 == 1 for i in range(100)]
first = [(i * 37 % 101) / 101 + (0.5 if t else 0) for i, t in enumerate(truth)]
second = [(i * 53 % 101) / 101 + (0.1 if t else 0) for i, t in enumerate(truth)]
a, b, error = delong(first, second, truth)
print("auroc", a, b, a - b, "from", a - b - 1.96 * error, "to", a - b + 1.96 * error)
