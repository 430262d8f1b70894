"""NVIDIA's clients over gRPC and HTTP: configuration, statistics, repository, stream, UINT8, FP16 and compression.

usage: triton_extensions.py HTTP_HOST:PORT GRPC_HOST:PORT MODEL IMAGE.png   (the image is white, the model finds light)
"""

import queue
import sys

import numpy as np
import tritonclient.grpc
import tritonclient.http
from tritonclient.utils import InferenceServerException

http_address, grpc_address, model, file = sys.argv[1:]
encoded = np.array([open(file, "rb").read()], dtype=object)
grpc = tritonclient.grpc.InferenceServerClient(grpc_address)
http = tritonclient.http.InferenceServerClient(http_address)


def input(package, name, array, datatype):
    tensor = package.InferInput(name, list(array.shape), datatype)
    tensor.set_data_from_numpy(array)
    return tensor


def score(answer):
    return float(answer.as_numpy("anomaly_score")[0])


# Inputs: an encoded image, its pixels in both orders, and what the model gets, in half precision.
pixels = np.full((1, 10, 20, 3), 255, dtype=np.uint8)
for package, client in ((tritonclient.grpc, grpc), (tritonclient.http, http)):
    assert score(client.infer(model, [input(package, "image", encoded, "BYTES")])) == 1
    assert score(client.infer(model, [input(package, "pixels", pixels, "UINT8")])) == 1
    assert score(client.infer(model, [input(package, "pixels", pixels.transpose(0, 3, 1, 2), "UINT8")])) == 1
    half = np.ones((1, 3, 8, 8), dtype=np.float16)
    assert score(client.infer(model, [input(package, "tensor", half, "FP16")])) == 1

# Compression.
image = [input(tritonclient.http, "image", encoded, "BYTES")]
for algorithm in ("gzip", "deflate"):
    answer = http.infer(
        model, image, request_compression_algorithm=algorithm, response_compression_algorithm=algorithm
    )
    assert score(answer) == 1
assert score(grpc.infer(model, [input(tritonclient.grpc, "image", encoded, "BYTES")], compression_algorithm="gzip")) == 1

# Configuration.
config = grpc.get_model_config(model).config
assert config.name == model and config.max_batch_size == 32, config
assert [(i.name, list(i.dims)) for i in config.input][1:] == [("tensor", [3, 8, 8]), ("pixels", [-1, -1, 3])], config
same = http.get_model_config(model)
assert [i["name"] for i in same["input"]] == [i.name for i in config.input], same
assert [o["data_type"] for o in same["output"]] == ["TYPE_FP32", "TYPE_BOOL", "TYPE_FP32"], same

# Repository.
states = {(m.name, m.version): m.state for m in grpc.get_model_repository_index().models}
assert states[model, "1"] == "READY", states
assert {(m["name"], m["version"]): m["state"] for m in http.get_model_repository_index()} == states
for client in (grpc, http):
    client.load_model(model)
    client.load_model(model, config='{"version_policy": {"specific": {"versions": [1]}}}')
    try:
        client.unload_model(model)
        raise SystemExit("a version that an alias routes to must stay")
    except InferenceServerException as refused:
        assert "production" in refused.message(), refused

# A stream: one response for each request, in order; an error is not the end.
responses = queue.Queue()
grpc.start_stream(callback=lambda result, error: responses.put((result, error)))
for i in range(8):
    name = model if i != 3 else "no-such-model"
    grpc.async_stream_infer(name, [input(tritonclient.grpc, "image", encoded, "BYTES")], request_id=str(i))
for i in range(8):
    result, error = responses.get(timeout=30)
    if i == 3:
        assert "MODEL_NOT_FOUND" in error.message(), error
    else:
        assert error is None and result.get_response().id == str(i) and score(result) == 1, (i, error)
grpc.stop_stream()

# Statistics: of the same version over both.
version = grpc.get_inference_statistics(model, "1").model_stats[0]
same = http.get_inference_statistics(model, "1")["model_stats"][0]
assert version.inference_count == same["inference_count"] >= 18, version
assert version.inference_stats.success.ns == same["inference_stats"]["success"]["ns"] > 0, same
assert version.batch_stats[0].batch_size == 1, version
assert any(m.name == model for m in grpc.get_inference_statistics().model_stats)
assert any(m["name"] == model for m in http.get_inference_statistics()["model_stats"])
print("inferences", version.inference_count)
