"""Learning curves by SciPy, for PowerLawTest.

python3 power_law_reference.py > ../resources/dev/loupe/vision/evaluation/power-law.json

Errors that follow a power law with an asymptote, with noise, and curves at the bounds: a law without an asymptote, errors
that do not fall, and an exponent at its largest value. Written with SciPy 1.x and numpy.
"""
import json

import numpy as np
from scipy.optimize import curve_fit

random = np.random.default_rng(7)
BOUNDS = ([0, 0.1, 0], [np.inf, 2, np.inf])


def case(name, images, a, b, c, noise):
    images = np.array(images, dtype=float)
    x = images / images.max()
    errors = np.round(c + a * x**-b + noise * random.standard_normal(len(x)), 6)
    best = None
    for start in (0.11, 0.3, 0.6, 1.0, 1.5, 1.95):
        p, _ = curve_fit(
            lambda x, a, b, c: c + a * x**-b, x, errors, p0=[0.1, start, 0.05], bounds=BOUNDS,
            xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=100_000)
        squares = float(np.sum((errors - p[2] - p[0] * x ** -p[1]) ** 2))
        if best is None or squares < best[0]:
            best = (squares, p)
    squares, (a, b, c) = best
    return {
        "name": name,
        "images": images.tolist(),
        "errors": errors.tolist(),
        "squares": squares,
        "atN": float(c + a),
        "gain": float(a * (1 - 2**-b)),
    }


print(json.dumps([
    case("exact", [100, 200, 400, 800], 0.05, 0.7, 0.02, 0),
    case("noise", [125, 250, 500, 1000], 0.06, 0.5, 0.05, 0.003),
    case("twelve points", [16, 16, 16, 32, 32, 32, 64, 64, 64, 128, 128, 128], 0.1, 0.8, 0.1, 0.01),
    case("no asymptote", [100, 200, 400, 800], 0.08, 0.4, 0, 0.001),
    case("flat", [100, 200, 400, 800], 0, 1, 0.2, 0),
    case("rising", [100, 200, 400, 800], -0.02, 0.5, 0.3, 0),
    case("steep", [100, 200, 400, 800], 0.001, 2.5, 0.01, 0),
], indent=1))
