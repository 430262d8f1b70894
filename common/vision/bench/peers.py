"""Does in Python what LearningBench does in Java.

Reads commands from the standard input, one a line, and answers each with the CPU seconds (user and system, of this
process) that the work took. The number of threads is that of OMP_NUM_THREADS.

    train SIDE BATCH            one training step of ResNet-18 on random images
    features MODEL BATCH FILE   the outputs of an ONNX model for the images that FILE lists, prepared before
    jpeg FILE REPETITIONS       a JPEG file to a tensor, with Pillow
    probe MODEL FILE            linear probe; FILE has lines of split, label and image, separated by tabs
    coreset ROWS SIZE RATIO STEPS CHOSEN
                                STEPS steps of anomalib's greedy selection of RATIO of the rows of the file ROWS, which
                                are float32 of length SIZE; 0 steps: all, and CHOSEN gets their numbers, one a line
    neighbours BANK ROWS SIZE   anomalib's score of one image with these rows as its patches
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


# ---- anomalib


def anomalib(module):
    """A module of anomalib without the rest of the package, whose dependencies are many and take no part."""
    import importlib
    import importlib.util
    import types

    load_torch()
    if "anomalib" not in sys.modules:
        root = importlib.util.find_spec("anomalib").submodule_search_locations[0]
        for name in ("", ".models", ".models.components", ".models.components.sampling", ".models.image",
                     ".models.components.base", ".models.components.dimensionality_reduction",
                     ".models.image.patchcore", ".data", ".utils"):
            package = types.ModuleType("anomalib" + name)
            package.__path__ = [root + name.replace(".", "/")]
            sys.modules[package.__name__] = package
        parts = sys.modules["anomalib.models.components"]
        parts.DynamicBufferMixin = anomalib("models.components.base.dynamic_buffer").DynamicBufferMixin
        sys.modules["anomalib.models.components.dimensionality_reduction"].SparseRandomProjection = anomalib(
            "models.components.dimensionality_reduction.random_projection"
        ).SparseRandomProjection
        parts.KCenterGreedy = anomalib("models.components.sampling.k_center_greedy").KCenterGreedy
        # Named by the modules, and not called here.
        parts.TimmFeatureExtractor = parts.GaussianBlur2d = object
        sys.modules["anomalib.data"].InferenceBatch = object
        sys.modules["anomalib.utils"].deprecate = lambda *_, **__: lambda method: method
    return importlib.import_module("anomalib." + module)


def rows(path, size):
    return load_torch().from_numpy(np.fromfile(path, np.float32).reshape(-1, size))


class Greedy:
    def __init__(self, path, size, ratio):
        torch = load_torch()
        torch.manual_seed(0)
        self.sampler = anomalib("models.components.sampling.k_center_greedy").KCenterGreedy(rows(path, size), ratio)

    def all(self, chosen):
        with open(chosen, "w", encoding="utf-8") as file:
            file.writelines(f"{int(index)}\n" for index in self.sampler.select_coreset_idxs())

    def prepare(self):
        sampler = self.sampler
        sampler.model.fit(sampler.embedding)
        sampler.features = sampler.model.transform(sampler.embedding)
        sampler.reset_distances()

    def steps(self, count):
        index = load_torch().tensor(0)
        for _ in range(count):
            self.sampler.update_distances(cluster_center=index)
            index = self.sampler.get_new_idx()
            self.sampler.min_distances.scatter_(0, index.unsqueeze(0).unsqueeze(1), 0.0)


class Neighbours:
    def __init__(self, bank, patches, size):
        module = anomalib("models.image.patchcore.torch_model")
        self.model = module.PatchcoreModel.__new__(module.PatchcoreModel)
        load_torch().nn.Module.__init__(self.model)
        self.model.memory_bank = rows(bank, size)
        self.model.num_neighbors = 9
        self.patches = rows(patches, size)

    def score(self):
        torch = load_torch()
        with torch.no_grad():
            distances, locations = self.model.nearest_neighbors(self.patches, n_neighbors=1)
            return self.model.compute_anomaly_score(distances[None], locations[None], self.patches)


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

    elif command == "coreset":
        path, size, ratio, steps, chosen = arguments
        greedy = Greedy(path, int(size), float(ratio))
        if int(steps) == 0:

            def work():
                greedy.all(chosen)

        else:
            greedy.prepare()

            def work():
                greedy.steps(int(steps))

    elif command == "neighbours":
        if key not in prepared:
            prepared[key] = Neighbours(arguments[0], arguments[1], int(arguments[2]))
        work = prepared[key].score
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
