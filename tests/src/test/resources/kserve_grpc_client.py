"""KServe's gRPC client: health, and a prediction of an image as raw contents.

usage: kserve_grpc_client.py HOST:PORT MODEL IMAGE.png
"""

import asyncio
import sys

import numpy as np
from kserve import InferInput, InferRequest
from kserve.inference_client import InferenceGRPCClient

address, model, file = sys.argv[1:]


async def main():
    client = InferenceGRPCClient(address)
    assert await client.is_server_live()
    assert await client.is_server_ready()
    assert await client.is_model_ready(model)
    image = InferInput("image", [1], "BYTES")
    image.set_data_from_numpy(np.array([open(file, "rb").read()], dtype=object), binary_data=True)
    answer = await client.infer(InferRequest(model_name=model, infer_inputs=[image]))
    print("score", float(answer.get_output_by_name("anomaly_score").as_numpy()[0]))
    await client.close()


asyncio.run(main())
