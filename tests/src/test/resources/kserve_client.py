"""KServe's REST client: health, and a prediction of an image as binary data.

usage: kserve_client.py http://HOST:PORT MODEL IMAGE.png
"""

import asyncio
import sys

import numpy as np
from kserve import InferInput, InferRequest, InferenceRESTClient
from kserve.inference_client import RESTConfig

base, model, file = sys.argv[1:]


async def main():
    client = InferenceRESTClient(RESTConfig(protocol="v2"))
    assert await client.is_server_live(base)
    assert await client.is_server_ready(base)
    assert await client.is_model_ready(base, model)
    image = InferInput("image", [1], "BYTES")
    image.set_data_from_numpy(np.array([open(file, "rb").read()], dtype=object), binary_data=True)
    answer = await client.infer(base, InferRequest(model_name=model, infer_inputs=[image]), model_name=model)
    print("score", float(answer.get_output_by_name("anomaly_score").as_numpy()[0]))


asyncio.run(main())
