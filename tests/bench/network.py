"""The network of all peers: ONNX Runtime with the options that Loupe has."""

import onnxruntime


def session(model):
    """One thread for each run, that of the caller."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
