"""Writes a small network, images to calibrate it with, and what ONNX Runtime's own quantiser makes of both.

    pip install numpy onnx onnxruntime
    python quantization_reference.py ../resources/dev/loupe/model/quantization

network.onnx has a convolution with a rectifier, a depthwise one with a clip, a residual sum, a pooling and a linear layer.
reference.json has the images, the scale and the zero point of each value, the scales of the weights, and the outputs of the
quantised network. The file was made with onnxruntime 1.32.0.
"""

import json
import pathlib
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

rng = np.random.default_rng(15)
weights = {
    "w1": rng.normal(0, 0.4, (6, 3, 3, 3)),
    "b1": rng.normal(0, 0.2, 6),
    "w2": rng.normal(0, 0.4, (6, 1, 3, 3)) * rng.uniform(0.1, 2, (6, 1, 1, 1)),
    "b2": rng.normal(0, 0.2, 6),
    "w3": rng.normal(0, 0.4, (6, 6, 1, 1)),
    "w4": rng.normal(0, 0.3, (4, 96)),
    "b4": rng.normal(0, 0.2, 4),
    "low": np.float32(0),
    "high": np.float32(1.5),
}
nodes = [
    helper.make_node("Conv", ["image", "w1", "b1"], ["c1"], name="n1", pads=[1, 1, 1, 1]),
    helper.make_node("Relu", ["c1"], ["r1"], name="n2"),
    helper.make_node("Conv", ["r1", "w2", "b2"], ["c2"], name="n3", pads=[1, 1, 1, 1], group=6),
    helper.make_node("Clip", ["c2", "low", "high"], ["r2"], name="n4"),
    helper.make_node("Conv", ["r2", "w3"], ["c3"], name="n5"),
    helper.make_node("Add", ["c3", "r1"], ["sum"], name="n6"),
    helper.make_node("MaxPool", ["sum"], ["pool"], name="n7", kernel_shape=[2, 2], strides=[2, 2]),
    helper.make_node("Flatten", ["pool"], ["flat"], name="n8"),
    helper.make_node("Gemm", ["flat", "w4", "b4"], ["scores"], name="n9", transB=1),
]
graph = helper.make_graph(
    nodes,
    "small",
    [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, 8, 8])],
    [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 4])],
    [numpy_helper.from_array(np.asarray(value, np.float32), name) for name, value in weights.items()],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model)
images = np.round(rng.normal(0, 1, (4, 3, 8, 8)), 3).astype(np.float32)


class Images(CalibrationDataReader):
    def __init__(self):
        self.left = iter([{"image": images[i : i + 1]} for i in range(len(images))])

    def get_next(self):
        return next(self.left, None)


folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
onnx.save(model, folder / "network.onnx")
with tempfile.TemporaryDirectory() as temporary:
    quantised_file = temporary + "/quantised.onnx"
    quantize_static(
        folder / "network.onnx",
        quantised_file,
        Images(),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["Conv", "Relu", "Clip", "Add", "MaxPool", "Gemm"],
    )
    quantised = onnx.load(quantised_file)
# Without the rounding of the outputs.
last = {node.output[0]: node for node in quantised.graph.node}
rounding = last[last["scores"].input[0]]
last[rounding.input[0]].output[0] = "scores"
quantised.graph.node.remove(last["scores"])
quantised.graph.node.remove(rounding)
onnx.checker.check_model(quantised)
session = onnxruntime.InferenceSession(quantised.SerializeToString(), providers=["CPUExecutionProvider"])
scores = session.run(["scores"], {"image": images})[0]
exact = onnxruntime.InferenceSession(folder / "network.onnx", providers=["CPUExecutionProvider"])
constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in quantised.graph.initializer}
values, kernels = {}, {}
for node in quantised.graph.node:
    if not node.op_type.endswith("quantizeLinear") and node.op_type != "QuantizeLinear":
        continue
    scale, zero = (constants[name] for name in node.input[1:3])
    if node.op_type == "QuantizeLinear":
        values[node.input[0]] = {"step": float(scale), "zero": int(zero)}
    elif node.op_type == "DequantizeLinear" and node.input[0] in constants and np.ndim(scale) == 1:
        kernels[node.input[0]] = {
            "scales": scale.astype(float).tolist(),
            "values": constants[node.input[0]].astype(int).ravel().tolist(),
        }
reference = {
    "images": images.astype(float).tolist(),
    "scores": scores.astype(float).tolist(),
    "exact": exact.run(["scores"], {"image": images})[0].astype(float).tolist(),
    "values": values,
    "constants": kernels,
}
lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in reference.items())
(folder / "reference.json").write_text("{\n" + lines + "\n}\n")
