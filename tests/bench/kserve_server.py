"""KServe's Python server with a custom model.

    python kserve_server.py MODEL OUTPUT THREADS GRPC_PORT HTTP_PORT FOLDER

The loop of the server is not blocked by a prediction: as many threads compute as Loupe has. There is no log line for each
request.
"""

import asyncio
import logging
import sys
from concurrent.futures import ThreadPoolExecutor

from kserve import InferOutput, InferResponse, Model, ModelServer

import network


class Network(Model):
    def __init__(self, model, output, threads):
        super().__init__("network")
        self.session = network.session(model)
        self.input = self.session.get_inputs()[0].name
        self.output = output
        self.pool = ThreadPoolExecutor(threads)
        self.ready = True

    async def predict(self, payload, headers=None):
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.pool, self.compute, payload)

    def compute(self, payload):
        values = self.session.run([self.output], {self.input: payload.inputs[0].as_numpy()})[0]
        output = InferOutput(name=self.output, shape=list(values.shape), datatype="FP32")
        output.set_data_from_numpy(values, binary_data=True)
        return InferResponse(
            response_id=payload.id, model_name=self.name, infer_outputs=[output], use_binary_outputs=True
        )


def main():
    model, output, threads, grpc_port, http_port, _ = sys.argv[1:]
    server = ModelServer(grpc_port=int(grpc_port), http_port=int(http_port), enable_latency_logging=False)
    logging.getLogger("kserve").setLevel(logging.WARNING)
    server.start([Network(model, output, int(threads))])


if __name__ == "__main__":
    main()
