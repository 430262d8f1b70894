"""The model of Triton's Python backend. Its folder is written by triton_server.py."""

import json

import numpy as np
import triton_python_backend_utils as triton

import network


class TritonPythonModel:
    def initialize(self, args):
        parameters = json.loads(args["model_config"])["parameters"]
        self.output = parameters["output"]["string_value"]
        self.session = network.session(parameters["model"]["string_value"])
        self.input = self.session.get_inputs()[0].name

    def execute(self, requests):
        return [self.answer(request) for request in requests]

    def answer(self, request):
        tensor = triton.get_input_tensor_by_name(request, "tensor").as_numpy()
        values = self.session.run([self.output], {self.input: tensor})[0]
        return triton.InferenceResponse([triton.Tensor(self.output, values.astype(np.float32, copy=False))])
