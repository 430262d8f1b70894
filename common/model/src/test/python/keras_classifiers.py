"""A small classifier as tf2onnx exports it from Keras, with what Keras computes.

usage: keras_classifiers.py FOLDER      (tensorflow-cpu 2.21.0, keras 3.15.1, tf2onnx 1.17.0)

Writes keras-opsetN[-nchw].onnx and keras.json. Keras has the channels last: images are [n, side, side, 3], and the ONNX
file transposes them; "nchw": tf2onnx was told to make the input [n, 3, side, side]. Convolutions of stride 2 with the
padding "same" pad one side only. Its output are probabilities.
"""

import json
import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import keras
import numpy as np
import onnx
import tensorflow as tf
import tf2onnx
from keras import layers

SIDE = 32
CLASSES = 5
FOLDER = pathlib.Path(sys.argv[1])


def classifier():
    image = keras.Input((SIDE, SIDE, 3), name="image")
    x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(image)
    x = layers.ReLU(6.0)(layers.BatchNormalization()(x))
    x = layers.DepthwiseConv2D(3, strides=2, padding="same", use_bias=False)(x)
    x = layers.ReLU(6.0)(layers.BatchNormalization()(x))
    y = layers.Conv2D(8, 1, activation="relu")(x)
    x = layers.Add()([x, y])
    x = layers.Concatenate()([layers.MaxPooling2D(2)(x), layers.AveragePooling2D(2)(x)])
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    return keras.Model(image, layers.Dense(CLASSES, activation="softmax", name="probabilities")(x))


def randomize(network):
    generator = np.random.default_rng(4)
    for layer in network.layers:
        weights = layer.get_weights()
        if isinstance(layer, layers.BatchNormalization):
            ranges = ((0.5, 1.5), (-0.5, 0.5), (-0.5, 0.5), (0.5, 2))  # gamma, beta, mean, variance
            layer.set_weights([generator.uniform(low, high, w.shape) for (low, high), w in zip(ranges, weights)])
        else:
            layer.set_weights([generator.normal(0, 0.5, w.shape) for w in weights])


def export(network, image, opset, nchw):
    file = FOLDER / f"keras-opset{opset}{'-nchw' if nchw else ''}.onnx"
    signature = [tf.TensorSpec([None, SIDE, SIDE, 3], tf.float32, name="image")]

    @tf.function(input_signature=signature)
    def predict(image):
        return {"probabilities": network(image, training=False)}

    tf2onnx.convert.from_function(predict, input_signature=signature, opset=opset, output_path=str(file),
                                  inputs_as_nchw=["image:0"] if nchw else None)
    model = onnx.load(file)
    onnx.checker.check_model(model, full_check=True)
    print(f"{file.name}: {file.stat().st_size} bytes, {len(model.graph.node)} nodes")
    shape = list(image.shape)
    return {
        "file": file.name,
        "opset": opset,
        "batchNormalization": any(node.op_type == "BatchNormalization" for node in model.graph.node),
        "operators": sorted({node.op_type for node in model.graph.node}),
        "input": [shape[0], shape[3], shape[1], shape[2]] if nchw else shape,
        "output": "probabilities",
        "expected": np.asarray(network(image, training=False)).tolist(),
    }


FOLDER.mkdir(parents=True, exist_ok=True)
network = classifier()
randomize(network)
# The sines of 0.1 i, which a test in any language can draw, in the order of the input's dimensions.
sines = np.sin(0.1 * np.arange(2 * 3 * SIDE * SIDE, dtype=np.float64)).astype(np.float32)
last = sines.reshape(2, SIDE, SIDE, 3)
first = sines.reshape(2, 3, SIDE, SIDE).transpose(0, 2, 3, 1)
written = [export(network, last, 13, False), export(network, last, 17, False), export(network, first, 17, True)]
(FOLDER / "keras.json").write_text(json.dumps(written, indent=1) + "\n")
