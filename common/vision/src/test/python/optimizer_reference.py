"""Prints the expected numbers of OptimizerTest: softmax regression on a full batch in double precision, with gradients
by central differences and the update, schedule and loss formulas of PyTorch 2.7's documentation (torch.optim,
torch.optim.lr_scheduler, torch.nn.CrossEntropyLoss, torch.nn.utils.clip_grad_norm_). Shares no code with Loupe.

python3 optimizer_reference.py > ../resources/dev/loupe/vision/classification/optimizers.csv
python3 optimizer_reference.py schedules > ../resources/dev/loupe/vision/classification/schedules.csv
"""
import math
import sys

N, D, K = 12, 2, 3
X = [[math.sin(1.3 * i * (d + 1)) + 0.5 * (i % K == d) for d in range(D)] for i in range(N)]
Y = [0 if i < 7 else 1 if i < 10 else 2 for i in range(N)]
START = [0.3 * math.sin(1.0 + j) for j in range(K * D)] + [0.0] * K


def loss(w, smoothing=0.0, imbalance="none", gamma=0.0):
    count = [Y.count(c) for c in range(K)]
    weight = [N / (K * count[c]) if imbalance == "weights" else 1.0 for c in range(K)]
    total, norm = 0.0, 0.0
    for x, y in zip(X, Y):
        s = [w[c * D] * x[0] + w[c * D + 1] * x[1] + w[K * D + c] for c in range(K)]
        top = max(s)
        log_sum = top + math.log(sum(math.exp(v - top) for v in s))
        norm += weight[y]
        for c in range(K):
            t = (1 - smoothing) * (c == y) + smoothing / K
            log_p = s[c] - log_sum
            focus = (1 - math.exp(log_p)) ** gamma if imbalance == "focal" else 1.0
            total -= weight[c] * t * focus * log_p
    return total / norm


def gradient(w, **kind):
    h, out = 1e-5, []
    for j in range(len(w)):
        up, down = list(w), list(w)
        up[j] += h
        down[j] -= h
        out.append((loss(up, **kind) - loss(down, **kind)) / (2 * h))
    return out


def train(optimizer, lr=0.1, momentum=0.0, nesterov=False, decay=0.0, clip=0.0, average=0.0, steps=8, **kind):
    w = list(START)
    m, v, ema = [0.0] * len(w), [0.0] * len(w), list(START)
    for t in range(1, steps + 1):
        g = gradient(w, **kind)
        if clip:
            norm = math.sqrt(sum(x * x for x in g))
            g = [x * min(1.0, clip / (norm + 1e-6)) for x in g]
        for j in range(len(w)):
            wd = decay if j < K * D else 0.0  # none on biases
            if optimizer == "sgd":
                d = g[j] + wd * w[j]
                m[j] = momentum * m[j] + d if t > 1 else d
                w[j] -= lr * (d + momentum * m[j] if nesterov else m[j])
                continue
            d = g[j]
            if optimizer == "adam":
                d += wd * w[j]
            else:
                w[j] -= lr * wd * w[j]
            m[j] = 0.9 * m[j] + 0.1 * d
            v[j] = 0.999 * v[j] + 0.001 * d * d
            w[j] -= lr / (1 - 0.9**t) * m[j] / (math.sqrt(v[j]) / math.sqrt(1 - 0.999**t) + 1e-8)
        kept = min(average, (1 + t) / (10 + t))
        ema = [kept * a + (1 - kept) * b for a, b in zip(ema, w)]
    return ema if average else w


CASES = [
    ("sgd", {}),
    ("sgd", {"momentum": 0.9}),
    ("sgd", {"momentum": 0.9, "nesterov": True, "decay": 0.05}),
    ("sgd", {"momentum": 0.9, "clip": 0.2}),
    ("adam", {}),
    ("adam", {"decay": 0.05}),
    ("adamw", {"decay": 0.05}),
    ("adamw", {"smoothing": 0.1}),
    ("adam", {"imbalance": "weights"}),
    ("adam", {"imbalance": "weights", "smoothing": 0.2}),
    ("sgd", {"imbalance": "focal", "gamma": 2.0}),
    ("adam", {"average": 0.9}),
]


def one_cycle(step, top, last):
    def anneal(start, end, done):
        return end + (start - end) / 2 * (1 + math.cos(math.pi * done))

    if step <= top:
        return anneal(1 / 25, 1, step / top)
    return anneal(1, 1 / 25 / 1e4, (step - top) / (last - top))


def schedules(epochs=10, per_epoch=3):
    """LinearLR as warm-up, then StepLR(2, 0.5), CosineAnnealingLR; OneCycleLR(pct_start=0.3)."""
    total = epochs * per_epoch
    for warm_epochs in (0, 2):
        warm = warm_epochs * per_epoch
        for step in range(total):
            rise = (step + 1) / warm if step < warm else None
            after = step - warm
            yield "constant", warm_epochs, step, rise or 1.0
            yield "step", warm_epochs, step, rise or 0.5 ** (after // per_epoch // 2)
            yield "cosine", warm_epochs, step, rise or (1 + math.cos(math.pi * after / (total - warm))) / 2
            if not warm:
                yield "one-cycle", 0, step, one_cycle(step, 0.3 * total - 1, total - 1)


if sys.argv[1:] == ["schedules"]:
    print("schedule,warmupEpochs,step,factor")
    for row in schedules():
        print("%s,%d,%d,%.12g" % row)
else:
    print("optimizer,momentum,nesterov,decay,clip,smoothing,imbalance,gamma,average,weights")
    for name, options in CASES:
        values = " ".join("%.8f" % x for x in train(name, **options))
        o = {"momentum": 0, "nesterov": False, "decay": 0, "clip": 0, "smoothing": 0, "imbalance": "none", "gamma": 0,
             "average": 0, **options}
        print(",".join([name] + [str(x).lower() for x in o.values()] + [values]))
