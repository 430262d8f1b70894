"""A stock Open Inference Protocol client: health, metadata, and the same prediction from an image and from a tensor.

usage: stock_client.py HOST:PORT MODEL IMAGE.png WIDTH HEIGHT SCALE MEAN STD   (MEAN, STD: three numbers, with commas)
"""

import io
import sys

import numpy as np
import tritonclient.grpc as triton
from PIL import Image

address, model, file, width, height, scale, mean, std = sys.argv[1:]
client = triton.InferenceServerClient(address)
assert client.is_server_live()
assert client.is_server_ready()
assert client.is_model_ready(model)
assert client.is_model_ready(model, "1")
assert client.get_server_metadata().name == "loupe"
metadata = client.get_model_metadata(model)
assert metadata.name == model, metadata
assert "1" in metadata.versions, metadata
assert {"image", "tensor"} <= {i.name for i in metadata.inputs}, metadata
outputs = {o.name for o in metadata.outputs}
assert {"anomaly_score", "anomalous", "anomaly_map"} <= outputs, metadata

encoded = open(file, "rb").read()
image = triton.InferInput("image", [1], "BYTES")
image.set_data_from_numpy(np.array([encoded], dtype=object))
from_image = client.infer(model, [image], request_id="stock-1")
assert from_image.get_response().id == "stock-1"

pixels = Image.open(io.BytesIO(encoded)).convert("RGB").resize((int(width), int(height)), Image.BILINEAR)
array = np.asarray(pixels, dtype=np.float32).transpose(2, 0, 1)[None] / float(scale)
array -= np.array([float(x) for x in mean.split(",")], dtype=np.float32).reshape(1, 3, 1, 1)
array /= np.array([float(x) for x in std.split(",")], dtype=np.float32).reshape(1, 3, 1, 1)
tensor = triton.InferInput("tensor", list(array.shape), "FP32")
tensor.set_data_from_numpy(array)
from_tensor = client.infer(model, [tensor], outputs=[triton.InferRequestedOutput("anomaly_score")])

one, other = from_image.as_numpy("anomaly_score")[0], from_tensor.as_numpy("anomaly_score")[0]
assert from_tensor.as_numpy("anomaly_map") is None
assert abs(one - other) <= 0.05 * abs(one), (one, other)
assert from_image.as_numpy("anomaly_map") is None
from_map = client.infer(model, [image], outputs=[triton.InferRequestedOutput("anomaly_map")])
assert from_map.as_numpy("anomaly_map").ndim == 3
assert from_image.as_numpy("anomalous").dtype == bool

try:
    client.infer("no-such-model", [image])
    raise SystemExit("an unknown model must be refused")
except triton.InferenceServerException as refused:
    assert "NOT_FOUND" in refused.status(), refused.status()
print("version", from_image.get_response().model_version, "score", float(one), float(other))
