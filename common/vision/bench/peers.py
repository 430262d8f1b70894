"""Does in Python what LearningBench does in Java.

Reads commands from the standard input, one a line, and answers each with the CPU seconds (user and system, of this
process) that the work took. The number of threads is that of OMP_NUM_THREADS.

    train SIDE BATCH            one training step of ResNet-18 on random images
    features MODEL BATCH FILE   the outputs of an ONNX model for the images that FILE lists, prepared before
    jpeg FILE REPETITIONS       a JPEG file to a tensor, with Pillow
    probe MODEL FILE            linear probe; FILE has lines of split, label and image, separated by tabs
    versions                    names and versions
"""

import io
import os
import resource
import sys

import numpy as np
from PIL import Image

SIDE = 224
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)
CLASSES = 10
THREADS = int(os.environ.get("OMP_NUM_THREADS", "1"))


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def tensor(encoded):
    image = Image.open(io.BytesIO(encoded)).convert("RGB")
    # The same filters as Loupe: averages where an image shrinks, else a linear interpolation.
    shrinks = image.width >= SIDE and image.height >= SIDE
    image = image.resize((SIDE, SIDE), Image.Resampling.BOX if shrinks else Image.Resampling.BILINEAR)
    values = (np.asarray(image, np.float32) / 255 - MEAN) / STD
    return np.ascontiguousarray(values.transpose(2, 0, 1))


def read(path):
    with open(path, "rb") as file:
        return file.read()


def session(model):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(read(model), options, providers=["CPUExecutionProvider"])


# ---- training


def load_torch():
    sys.setdlopenflags(os.RTLD_LAZY)  # see peers.sh
    import torch

    torch.set_num_threads(THREADS)
    return torch


def resnet18(torch):
    """He et al., "Deep Residual Learning for Image Recognition", CVPR 2016, table 1."""
    nn = torch.nn

    def normed(inputs, outputs, kernel, stride):
        return [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs)]

    class Block(nn.Module):
        def __init__(self, inputs, outputs, stride):
            super().__init__()
            self.body = nn.Sequential(
                *normed(inputs, outputs, 3, stride), nn.ReLU(inplace=True), *normed(outputs, outputs, 3, 1)
            )
            same = inputs == outputs and stride == 1
            self.shortcut = nn.Identity() if same else nn.Sequential(*normed(inputs, outputs, 1, stride))
            self.relu = nn.ReLU(inplace=True)

        def forward(self, x):
            return self.relu(self.body(x) + self.shortcut(x))

    layers = [*normed(3, 64, 7, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
    inputs = 64
    for outputs in (64, 128, 256, 512):
        layers += [Block(inputs, outputs, 1 if outputs == 64 else 2), Block(outputs, outputs, 1)]
        inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, CLASSES))


class Training:
    def __init__(self, side, batch):
        self.torch = load_torch()
        self.model = resnet18(self.torch).to(memory_format=self.torch.channels_last).train()
        self.optimizer = self.torch.optim.SGD(self.model.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
        random = np.random.default_rng(0)
        self.images = random.standard_normal((batch, 3, side, side), np.float32)
        self.labels = self.torch.arange(batch) % CLASSES

    def step(self):
        torch = self.torch
        images = torch.from_numpy(self.images).contiguous(memory_format=torch.channels_last)
        self.optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(self.model(images), self.labels)
        loss.backward()
        self.optimizer.step()
        loss.item()


# ---- features


class Features:
    def __init__(self, model, batch, listed):
        self.session = session(model)
        with open(listed, encoding="utf-8") as file:
            images = np.stack([tensor(read(line.rstrip("\n"))) for line in file])
        self.batches = [images[i : i + batch] for i in range(0, len(images), batch)]

    def run(self):
        for images in self.batches:
            self.session.run(None, {self.session.get_inputs()[0].name: images})


def described(model, images):
    """Per image the pooled output, and mean and standard deviation of each channel of the maps, as Loupe has them."""
    backbone = session(model)
    name = backbone.get_inputs()[0].name
    rows = []
    for start in range(0, len(images), 4):
        batch = np.stack([tensor(read(path)) for path in images[start : start + 4]])
        parts = []
        for output in backbone.run(None, {name: batch}):
            if output.ndim == 4:
                parts += [output.mean(axis=(2, 3)), output.std(axis=(2, 3))]
            else:
                parts.append(output)
        rows.append(np.concatenate(parts, axis=1))
    return np.concatenate(rows)


def probe(model, listed):
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    with open(listed, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    splits, labels, images = (np.array(column) for column in zip(*rows))
    features = described(model, images)
    train, test = splits == "TRAIN", splits == "TEST"
    # The same penalty as Loupe's, of 0.001 on the mean loss.
    learner = LogisticRegression(C=1000 / train.sum(), max_iter=1000)
    classifier = make_pipeline(StandardScaler(), learner).fit(features[train], labels[train])
    return classifier.score(features[test], labels[test])


def versions():
    import onnxruntime
    import PIL
    import sklearn

    torch = load_torch()
    return (
        f"Python {sys.version.split()[0]}, PyTorch {torch.__version__}, ONNX Runtime {onnxruntime.__version__}, "
        f"scikit-learn {sklearn.__version__}, Pillow {PIL.__version__}, NumPy {np.__version__}"
    )


def answer(command, arguments, prepared):
    key = (command, *arguments)
    if command == "train":
        if key not in prepared:
            prepared[key] = Training(*map(int, arguments))
        work = prepared[key].step
    elif command == "features":
        if key not in prepared:
            prepared[key] = Features(arguments[0], int(arguments[1]), arguments[2])
        work = prepared[key].run
    elif command == "jpeg":
        encoded = read(arguments[0])

        def work():
            for _ in range(int(arguments[1])):
                tensor(encoded)

    elif command == "versions":
        return versions()
    elif command == "probe":
        accuracy = probe(*arguments)
        return f"{cpu()} {accuracy}"  # with the start of the process
    else:
        raise ValueError(f"unknown command {command}")
    before = cpu()
    work()
    return cpu() - before


def main():
    prepared = {}
    for line in sys.stdin:
        command, *arguments = line.rstrip("\n").split("\t")
        print(answer(command, arguments, prepared), flush=True)


if __name__ == "__main__":
    main()
