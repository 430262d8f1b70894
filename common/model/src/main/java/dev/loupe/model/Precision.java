package dev.loupe.model;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** The numbers that a model computes with. */
public enum Precision {
    /** 32-bit floats: {@code model.onnx}. */
    FP32,
    /** 8-bit integers in its layers, if the package has such a model: see {@link Quantization}. */
    INT8;

    /** The word in documents and settings: {@code fp32} or {@code int8}. */
    @JsonValue
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
