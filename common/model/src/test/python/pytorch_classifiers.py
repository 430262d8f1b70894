"""Small classifiers as PyTorch exports them, with what PyTorch computes.

usage: pytorch_classifiers.py FOLDER      (torch 2.7.1, torchvision 0.22.1, onnx 1.23.2, onnxscript 0.7.2)

Writes NAME-opsetN[-batchnorm][-dynamo].onnx and pytorch.json. The networks are torchvision's, with few channels; random
weights and random statistics of batch normalization, so that a mistake in any layer is seen. "batchnorm": it was not
folded into the convolutions. "dynamo": by the newer one of PyTorch's two exporters.
"""

import json
import math
import pathlib
import sys

import onnx
import torch
from torch import nn
from torchvision.models import MobileNetV2, ResNet
from torchvision.models.resnet import BasicBlock
from torchvision.models.vgg import VGG, make_layers
from torchvision.ops import Conv2dNormActivation

CLASSES = 5
FOLDER = pathlib.Path(sys.argv[1])


class SmallResNet18(ResNet):
    """ResNet-18 with 3, 6, 9 and 12 channels instead of 64, 128, 256 and 512."""

    def __init__(self):
        nn.Module.__init__(self)
        self._norm_layer = nn.BatchNorm2d
        self.inplanes, self.dilation, self.groups, self.base_width = 3, 1, 1, 64
        self.conv1 = nn.Conv2d(3, 3, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(3)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = self._make_layer(BasicBlock, 3, 2)
        self.layer2 = self._make_layer(BasicBlock, 6, 2, stride=2)
        self.layer3 = self._make_layer(BasicBlock, 9, 2, stride=2)
        self.layer4 = self._make_layer(BasicBlock, 12, 2, stride=2)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(12, CLASSES)


def mobilenet_v2():
    """Expansion, channels, blocks and stride of the seven stages, as published but for the channels and blocks."""
    stages = [[1, 8, 1, 1], [6, 8, 2, 2], [6, 8, 2, 2], [6, 8, 1, 2], [6, 8, 1, 1], [6, 8, 1, 2], [6, 16, 1, 1]]
    network = MobileNetV2(num_classes=CLASSES, inverted_residual_setting=stages, round_nearest=8, width_mult=0.25)
    inputs = network.features[-1][0].in_channels
    network.features[-1] = Conv2dNormActivation(inputs, 32, kernel_size=1, activation_layer=nn.ReLU6)
    network.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(32, CLASSES))
    return network


def vgg11():
    """Its pooling to 7 x 7 places is exported for sides that are multiples of 224 only."""
    network = VGG(make_layers([2, "M", 4, "M", 6, 6, "M", 8, 8, "M", 8, 8, "M"]), num_classes=CLASSES)
    network.classifier = nn.Sequential(
        nn.Linear(8 * 7 * 7, 16), nn.ReLU(True), nn.Dropout(), nn.Linear(16, 16), nn.ReLU(True), nn.Dropout(),
        nn.Linear(16, CLASSES))
    return network


def randomized(network, seed):
    generator = torch.Generator().manual_seed(seed)
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            fan_in = module.weight[0].numel()
            module.weight.data = torch.randn(module.weight.shape, generator=generator) * math.sqrt(2 / fan_in)
            if module.bias is not None:
                module.bias.data = torch.randn(module.bias.shape, generator=generator) / 4
        elif isinstance(module, nn.BatchNorm2d):
            for values, low, high in ((module.weight, 0.5, 1.5), (module.bias, -0.5, 0.5),
                                      (module.running_mean, -0.5, 0.5), (module.running_var, 0.5, 2)):
                values.data = torch.rand(values.shape, generator=generator) * (high - low) + low
    return network.eval()


def images(side):
    """Two images [2, 3, side, side]: the sines of 0.1 i, which a test in any language can draw."""
    return torch.sin(0.1 * torch.arange(2 * 3 * side * side, dtype=torch.float64)).float().reshape(2, 3, side, side)


def export(network, side, file, opset, folded=True, dynamo=False):
    image = images(side)
    if dynamo:
        torch.onnx.export(network, (image,), file, dynamo=True, opset_version=opset, external_data=False,
                          input_names=["image"], output_names=["logits"],
                          dynamic_shapes={"x": {0: torch.export.Dim("n")}})
    else:
        mode = torch.onnx.TrainingMode.EVAL if folded else torch.onnx.TrainingMode.PRESERVE
        torch.onnx.export(network, (image,), file, dynamo=False, opset_version=opset, training=mode,
                          input_names=["image"], output_names=["logits"],
                          dynamic_axes={"image": {0: "n"}, "logits": {0: "n"}})
    model = onnx.load(file)
    for element in (model, model.graph, *model.graph.node, *model.graph.value_info, *model.graph.initializer,
                    *model.graph.input, *model.graph.output):
        del element.metadata_props[:]  # the newer exporter notes the lines of the programs that it ran
    onnx.save(model, file)
    onnx.checker.check_model(model, full_check=True)
    normalized = any(node.op_type == "BatchNormalization" for node in model.graph.node)
    opsets = {entry.domain: entry.version for entry in model.opset_import}
    assert opsets[""] == opset, opsets
    print(f"{file.name}: {file.stat().st_size} bytes, {len(model.graph.node)} nodes"
          f"{', with batch normalization' if normalized else ''}")
    return {
        "file": file.name,
        "opset": opset,
        "batchNormalization": normalized,
        "operators": sorted({node.op_type for node in model.graph.node}),
        "input": list(image.shape),
        "output": "logits",
        "expected": network(image).tolist(),
    }


FOLDER.mkdir(parents=True, exist_ok=True)
written = []
with torch.no_grad():
    # Network, side of its images, opsets, opset of a file with batch normalization.
    for name, network, side, opsets, normalized in (
            ("resnet18", randomized(SmallResNet18(), 1), 64, (11, 17, 20), 11),
            ("mobilenet_v2", randomized(mobilenet_v2(), 2), 64, (11, 17), 17),
            ("vgg11", randomized(vgg11(), 3), 224, (11, 17), None)):
        for opset in opsets:
            written.append(export(network, side, FOLDER / f"{name}-opset{opset}.onnx", opset))
        if normalized is not None:
            file = FOLDER / f"{name}-opset{normalized}-batchnorm.onnx"
            written.append(export(network, side, file, normalized, folded=False))
        written.append(export(network, side, FOLDER / f"{name}-opset21-dynamo.onnx", 21, dynamo=True))
(FOLDER / "pytorch.json").write_text(json.dumps(written, indent=1) + "\n")
