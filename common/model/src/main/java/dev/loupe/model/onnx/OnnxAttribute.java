package dev.loupe.model.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import com.google.protobuf.ByteString;
import java.util.stream.LongStream;

/** A named attribute of an ONNX node: an integer, a list of integers, a float or a string. */
public final class OnnxAttribute {
    private final AttributeProto proto;

    private OnnxAttribute(AttributeProto.Builder proto) {
        this.proto = proto.build();
    }

    public static OnnxAttribute of(String name, long value) {
        return new OnnxAttribute(AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value));
    }

    public static OnnxAttribute of(String name, long[] values) {
        AttributeProto.Builder ints =
                AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
        LongStream.of(values).forEach(ints::addInts);
        return new OnnxAttribute(ints);
    }

    public static OnnxAttribute of(String name, float value) {
        return new OnnxAttribute(AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.FLOAT)
                .setF(value));
    }

    public static OnnxAttribute of(String name, String value) {
        return new OnnxAttribute(AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.STRING)
                .setS(ByteString.copyFromUtf8(value)));
    }

    /** The attribute's message, for a node that is written without {@link OnnxGraph}. */
    public AttributeProto toProto() {
        return proto;
    }
}
