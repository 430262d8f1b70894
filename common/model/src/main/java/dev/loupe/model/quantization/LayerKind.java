package dev.loupe.model.quantization;

import ai.onnx.proto.OnnxMl.NodeProto;

/** Operators whose weights become 8-bit integers. */
public enum LayerKind {
    CONV("Conv"),
    GEMM("Gemm"),
    MATMUL("MatMul");

    private final String operator;

    LayerKind(String operator) {
        this.operator = operator;
    }

    /** Name of the operator in ONNX. */
    public String operator() {
        return operator;
    }

    /** The operator of a node, null if it is another one. */
    static LayerKind of(NodeProto node) {
        if (!node.getDomain().isEmpty() && !node.getDomain().equals("ai.onnx")) {
            return null;
        }
        for (LayerKind kind : values()) {
            if (kind.operator.equals(node.getOpType())) {
                return kind;
            }
        }
        return null;
    }
}
