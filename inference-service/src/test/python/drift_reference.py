"""Expected numbers of DriftTestTest and LiveMetricsTest. Needs SciPy.

The values are made by a congruential generator, which the tests have too: x' = (1103515245 x + 12345) mod 2^31.
"""

from scipy.stats import binomtest, ks_2samp


def values(seed, count, scale, shift):
    result, x = [], seed
    for _ in range(count):
        x = (1103515245 * x + 12345) % 2**31
        result.append(shift + scale * x / 2**31)
    return result


for count, scale, shift in ((100, 1, 0), (100, 1, 0.1), (100, 0.8, 0), (100, 1, 0.3), (60, 1.2, -0.1)):
    for method in ("asymp", "exact"):
        test = ks_2samp(values(1, 500, 1, 0), values(7, count, scale, shift), method=method)
        print(count, scale, shift, method, repr(test.statistic), repr(test.pvalue))

for right, reported in ((9, 10), (0, 20), (380, 400), (3, 3)):
    interval = binomtest(right, reported).proportion_ci(0.95, method="wilson")
    print(right, reported, repr(interval.low), repr(interval.high))
