package dev.loupe.vision.training;

import dev.loupe.model.Quantization;

/**
 * A model that computes with 8-bit integers, if it does as well as the model that it was made of.
 *
 * @param onnx the model file, null if it was refused
 * @param result how it does, and why it was refused
 */
public record QuantizedModel(byte[] onnx, Quantization result) {
    public QuantizedModel {
        if (result.accepted() != (onnx != null)) {
            throw new IllegalArgumentException("expected a model file exactly if it was accepted");
        }
    }
}
