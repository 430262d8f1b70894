"""What a prediction takes without a server: the libraries in a loop.

    python bare.py MODEL OUTPUT IMAGE

Reads commands from the standard input, one a line, and answers each with the number of predictions, the CPU seconds (user
and system, of this process) and the seconds that they took:

    tensor SECONDS THREADS    ONNX Runtime with a tensor that is prepared
    jpeg SECONDS THREADS      OpenCV decodes, resizes and normalises IMAGE, then ONNX Runtime
"""

import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np

import network

SIDE = 224
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)
FACTOR = 1 / (255 * STD)
SUMMAND = -MEAN / STD


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def tensor(encoded):
    image = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    image = cv2.cvtColor(cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2RGB)
    values = image.astype(np.float32)
    values *= FACTOR
    values += SUMMAND
    return np.ascontiguousarray(values.transpose(2, 0, 1))[np.newaxis]


def predictions(work, until):
    made = 0
    while time.perf_counter() < until:
        work()
        made += 1
    return made


def measured(work, seconds, threads):
    used = cpu()
    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        parts = [pool.submit(predictions, work, began + seconds) for _ in range(threads)]
        made = sum(part.result() for part in parts)
    return made, cpu() - used, time.perf_counter() - began


def main():
    model, output, image = sys.argv[1:]
    cv2.setNumThreads(1)
    session = network.session(model)
    name = session.get_inputs()[0].name
    encoded = np.fromfile(image, np.uint8)
    prepared = tensor(encoded)
    works = {
        "tensor": lambda: session.run([output], {name: prepared}),
        "jpeg": lambda: session.run([output], {name: tensor(encoded)}),
    }
    for line in sys.stdin:
        what, seconds, threads = line.split()
        print(*measured(works[what], float(seconds), int(threads)), flush=True)


if __name__ == "__main__":
    main()
