package dev.loupe.inference.serve;

import dev.loupe.model.ModelPackage;
import dev.loupe.oip.v2.DataType;
import dev.loupe.oip.v2.ModelConfig;
import dev.loupe.oip.v2.ModelInput.Format;
import dev.loupe.oip.v2.ModelMetadataResponse;
import dev.loupe.oip.v2.ModelMetadataResponse.TensorMetadata;
import dev.loupe.oip.v2.ModelOutput;
import dev.loupe.oip.v2.ModelParameter;
import dev.loupe.oip.v2.ModelTransactionPolicy;
import dev.loupe.oip.v2.ModelVersionPolicy;
import dev.loupe.oip.v2.ModelVersionPolicy.Specific;
import java.util.List;

/** Builds {@code ModelConfig} responses: the metadata of a version in the form of Triton's configuration. */
final class InferConfig {
    private InferConfig() {}

    /**
     * @param metadata metadata of the version
     * @param maxBatch most images of one request
     */
    static ModelConfig of(ModelMetadataResponse metadata, int version, int maxBatch) {
        ModelConfig.Builder config = ModelConfig.newBuilder()
                .setName(metadata.getName())
                .setPlatform(metadata.getPlatform())
                .setBackend("onnxruntime")
                .setDefaultModelFilename(ModelPackage.MODEL)
                .setMaxBatchSize(maxBatch)
                .setVersionPolicy(ModelVersionPolicy.newBuilder()
                        .setSpecific(Specific.newBuilder().addVersions(version)))
                .setModelTransactionPolicy(ModelTransactionPolicy.newBuilder().setDecoupled(false));
        for (TensorMetadata input : metadata.getInputsList()) {
            config.addInput(dev.loupe.oip.v2.ModelInput.newBuilder()
                    .setName(input.getName())
                    .setDataType(type(input.getDatatype()))
                    .setFormat(format(input.getName()))
                    .addAllDims(dimensions(input))
                    .setOptional(true));
        }
        for (TensorMetadata output : metadata.getOutputsList()) {
            config.addOutput(ModelOutput.newBuilder()
                    .setName(output.getName())
                    .setDataType(type(output.getDatatype()))
                    .addAllDims(dimensions(output)));
        }
        metadata.getPropertiesMap()
                .forEach((name, value) -> config.putParameters(
                        name, ModelParameter.newBuilder().setStringValue(value).build()));
        return config.build();
    }

    private static DataType type(String datatype) {
        return datatype.equals("BYTES") ? DataType.TYPE_STRING : DataType.valueOf("TYPE_" + datatype);
    }

    private static Format format(String input) {
        return switch (input) {
            case InferInputs.TENSOR -> Format.FORMAT_NCHW;
            case InferInputs.PIXELS -> Format.FORMAT_NHWC;
            default -> Format.FORMAT_NONE;
        };
    }

    /** All dimensions but the first, which is the number of images. */
    private static List<Long> dimensions(TensorMetadata tensor) {
        return tensor.getShapeList().subList(1, tensor.getShapeCount());
    }
}
