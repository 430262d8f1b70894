"""NVIDIA's client over HTTP: health, metadata, and the same numbers as its client over gRPC.

usage: stock_http_client.py HTTP_HOST:PORT GRPC_HOST:PORT MODEL IMAGE.png
"""

import sys

import numpy as np
import tritonclient.grpc
import tritonclient.http

http_address, grpc_address, model, file = sys.argv[1:]
encoded = np.array([open(file, "rb").read()], dtype=object)
http = tritonclient.http.InferenceServerClient(http_address)
assert http.is_server_live()
assert http.is_server_ready()
assert http.is_model_ready(model)
assert http.is_model_ready(model, "1")
assert http.get_server_metadata()["name"] == "loupe"
assert {"image", "pixels", "tensor"} == {i["name"] for i in http.get_model_metadata(model)["inputs"]}


def predict(client, package, outputs, **options):
    image = package.InferInput("image", [1], "BYTES")
    image.set_data_from_numpy(encoded)
    wanted = [package.InferRequestedOutput(name, **options) for name in outputs]
    answer = client.infer(model, [image], outputs=wanted or None, request_id="stock-1")
    return {name: answer.as_numpy(name) for name in outputs or ["anomaly_score", "anomalous"]}


grpc = tritonclient.grpc.InferenceServerClient(grpc_address)
outputs = ["anomaly_score", "anomalous", "anomaly_map"]
expected = predict(grpc, tritonclient.grpc, outputs)
for actual in (
    predict(http, tritonclient.http, outputs, binary_data=True),
    predict(http, tritonclient.http, outputs, binary_data=False),
    predict(http, tritonclient.http, []),
):
    for name, value in actual.items():
        assert np.array_equal(value, expected[name]), (name, value, expected[name])

try:
    predict(http, tritonclient.http, ["no-such-output"])
    raise SystemExit("an unknown output must be refused")
except tritonclient.utils.InferenceServerException as refused:
    assert "no-such-output" in refused.message(), refused
print("score", float(expected["anomaly_score"][0]))
