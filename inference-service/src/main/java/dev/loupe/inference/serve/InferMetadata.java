package dev.loupe.inference.serve;

import dev.loupe.imaging.Preprocessing;
import dev.loupe.inference.runtime.ModelLease;
import dev.loupe.model.ModelManifest;
import dev.loupe.model.ModelManifest.Output;
import dev.loupe.model.Predictor;
import dev.loupe.oip.v2.ModelMetadataResponse;
import dev.loupe.oip.v2.ModelMetadataResponse.TensorMetadata;
import java.util.Arrays;
import java.util.List;

/** Builds {@code ModelMetadata} responses: the inputs and outputs of a model. */
final class InferMetadata {
    private InferMetadata() {}

    static ModelMetadataResponse of(String name, List<Integer> versions, ModelLease lease) {
        ModelManifest manifest = lease.manifest();
        Preprocessing preprocessing = manifest.preprocessing();
        ModelMetadataResponse.Builder metadata = ModelMetadataResponse.newBuilder()
                .setName(name)
                .addAllVersions(versions.stream().map(String::valueOf).toList())
                .setPlatform("onnxruntime_onnx")
                .addInputs(tensor(InferInputs.IMAGE, "BYTES", -1L))
                .addInputs(tensor(InferInputs.TENSOR, "FP32", -1L, 3L, (long) preprocessing.height(), (long)
                        preprocessing.width()))
                .addInputs(tensor(InferInputs.PIXELS, "UINT8", -1L, -1L, -1L, 3L));
        for (String output : InferOutputs.names(lease)) {
            metadata.addOutputs(output(output, manifest));
        }
        metadata.putProperties("version", String.valueOf(lease.version().number()))
                .putProperties(ModelInference.PRECISION, lease.precision().toString())
                .putProperties("task", manifest.task().name())
                .putProperties("labels", String.join("\n", manifest.labels()))
                .putProperties(
                        "input.decode", String.join("\n", manifest.input().decode()))
                .putProperties("input.resize", manifest.input().resize())
                .putProperties("input.formula", manifest.input().formula())
                .putProperties("input.scale", String.valueOf(preprocessing.scale()))
                .putProperties("input.mean", Arrays.toString(preprocessing.mean()))
                .putProperties("input.std", Arrays.toString(preprocessing.std()));
        if (!lease.predictor().products().isEmpty()) {
            metadata.putProperties(
                    ModelInference.PRODUCTS, String.join("\n", lease.predictor().products()));
        }
        if (lease.threshold() != null) {
            metadata.putProperties(
                            ModelInference.THRESHOLD,
                            String.valueOf(lease.threshold().value()))
                    .putProperties(
                            ModelInference.THRESHOLD_VERSION,
                            String.valueOf(lease.threshold().number()));
        }
        return metadata.build();
    }

    private static TensorMetadata output(String name, ModelManifest manifest) {
        return switch (name) {
            case InferOutputs.LABEL -> tensor(name, "BYTES", -1L);
            case InferOutputs.ANOMALOUS -> tensor(name, "BOOL", -1L);
            case Predictor.PROBABILITIES ->
                tensor(name, "FP32", -1L, (long) manifest.labels().size());
            case Predictor.ANOMALY_MAP -> tensor(name, "FP32", mapShape(manifest));
            default -> tensor(name, "FP32", -1L);
        };
    }

    private static Long[] mapShape(ModelManifest manifest) {
        return manifest.outputs().stream()
                .filter(output -> output.name().equals(Predictor.ANOMALY_MAP))
                .findFirst()
                .map(Output::shape)
                .orElse(List.of(-1, -1, -1))
                .stream()
                .map(Integer::longValue)
                .toArray(Long[]::new);
    }

    private static TensorMetadata tensor(String name, String datatype, Long... shape) {
        return TensorMetadata.newBuilder()
                .setName(name)
                .setDatatype(datatype)
                .addAllShape(List.of(shape))
                .build();
    }
}
