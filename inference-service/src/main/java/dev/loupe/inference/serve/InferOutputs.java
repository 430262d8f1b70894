package dev.loupe.inference.serve;

import static dev.loupe.inference.serve.TensorBytes.refused;

import com.google.protobuf.ByteString;
import dev.loupe.inference.runtime.ModelLease;
import dev.loupe.model.AnomalyPrediction;
import dev.loupe.model.ClassPrediction;
import dev.loupe.model.Prediction;
import dev.loupe.model.Predictor;
import dev.loupe.oip.v2.InferParameter;
import dev.loupe.oip.v2.InferTensorContents;
import dev.loupe.oip.v2.ModelInferRequest.InferRequestedOutputTensor;
import dev.loupe.oip.v2.ModelInferResponse;
import dev.loupe.oip.v2.ModelInferResponse.InferOutputTensor;
import dev.loupe.service.error.QuotedInput;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Writes the outputs of a {@code ModelInfer} response: the requested ones in the requested order. Without a list, all
 * but the anomaly map, which is large: a full batch of maps exceeds the 4 MiB that clients accept by default.
 */
final class InferOutputs {
    static final String LABEL = "label";
    static final String SCORE = "score";
    static final String ANOMALOUS = "anomalous";
    static final String CALIBRATED_SCORE = "calibrated_score";
    /** Triton's parameter of an output: the k most probable classes as {@code score:index:label}. */
    static final String CLASSIFICATION = "classification";

    private InferOutputs() {}

    /** Values of one output, in the form of its data type. */
    private sealed interface Values {
        record Floats(float[] values) implements Values {}

        record Booleans(boolean[] values) implements Values {}

        record Elements(List<ByteString> values) implements Values {}
    }

    private record Output(String name, List<Long> shape, Values values) {}

    /** Names of a model's outputs, in order. Some of them are returned only on request. */
    static List<String> names(ModelLease lease) {
        return switch (lease.manifest().task()) {
            case CLASSIFICATION -> List.of(LABEL, SCORE, Predictor.PROBABILITIES);
            case ANOMALY_DETECTION ->
                lease.calibration() == null
                        ? List.of(Predictor.ANOMALY_SCORE, ANOMALOUS, Predictor.ANOMALY_MAP)
                        : List.of(Predictor.ANOMALY_SCORE, ANOMALOUS, CALIBRATED_SCORE, Predictor.ANOMALY_MAP);
        };
    }

    /**
     * Parses the requested outputs, by name, in order. The value is the number of classes for an output in Triton's
     * classification form, 0 for any other.
     */
    static Map<String, Integer> requested(List<InferRequestedOutputTensor> outputs, List<String> names, int labels) {
        Map<String, Integer> requested = new LinkedHashMap<>();
        if (outputs.isEmpty()) {
            names.stream().filter(name -> !name.equals(Predictor.ANOMALY_MAP)).forEach(name -> requested.put(name, 0));
            return requested;
        }
        Set<String> seen = new HashSet<>();
        for (InferRequestedOutputTensor output : outputs) {
            if (!names.contains(output.getName())) {
                throw refused("outputs: expected some of " + names + ", got " + QuotedInput.of(output.getName()));
            }
            if (!seen.add(output.getName())) {
                throw refused("outputs: '" + output.getName() + "' is listed twice");
            }
            InferParameter classes = output.getParametersMap().get(CLASSIFICATION);
            requested.put(output.getName(), classes == null ? 0 : classes(output.getName(), classes, labels));
        }
        return requested;
    }

    private static int classes(String output, InferParameter parameter, int labels) {
        long classes = parameter.getInt64Param();
        if (!output.equals(Predictor.PROBABILITIES) || !parameter.hasInt64Param() || classes < 1) {
            throw refused("output '" + output + "': the parameter 'classification' is allowed only for '"
                    + Predictor.PROBABILITIES + "', as an int64_param of 1 or more");
        }
        return (int) Math.min(classes, labels);
    }

    /** Adds the outputs to the response, in raw form if the request's input was raw. */
    static void write(
            Map<String, Integer> requested, Inference inference, boolean raw, ModelInferResponse.Builder response) {
        requested.forEach((name, classes) -> {
            Output output = name.equals(CALIBRATED_SCORE)
                    ? new Output(
                            name,
                            List.of((long) inference.calibrated().length),
                            new Values.Floats(inference.calibrated()))
                    : output(name, classes, inference.predictions());
            InferOutputTensor.Builder tensor = InferOutputTensor.newBuilder()
                    .setName(output.name())
                    .setDatatype(datatype(output.values()))
                    .addAllShape(output.shape());
            if (raw) {
                response.addRawOutputContents(rawContents(output.values()));
            } else {
                tensor.setContents(contents(output.values()));
            }
            response.addOutputs(tensor);
        });
    }

    private static Output output(String name, int classes, List<Prediction> predictions) {
        long n = predictions.size();
        return switch (name) {
            case LABEL ->
                new Output(
                        name,
                        List.of(n),
                        new Values.Elements(classes(predictions).stream()
                                .map(ClassPrediction::label)
                                .map(ByteString::copyFromUtf8)
                                .toList()));
            case SCORE -> new Output(name, List.of(n), floats(classes(predictions), ClassPrediction::score));
            case Predictor.PROBABILITIES ->
                classes > 0
                        ? ranked(classes, predictions)
                        : joined(
                                name,
                                predictions,
                                classes(predictions).stream()
                                        .map(ClassPrediction::probabilities)
                                        .toList());
            case Predictor.ANOMALY_SCORE ->
                new Output(name, List.of(n), floats(anomalies(predictions), AnomalyPrediction::score));
            case ANOMALOUS -> new Output(name, List.of(n), anomalous(anomalies(predictions)));
            case Predictor.ANOMALY_MAP -> maps(anomalies(predictions));
            default -> throw new IllegalArgumentException("no output '" + name + "'");
        };
    }

    private static List<ClassPrediction> classes(List<Prediction> predictions) {
        return predictions.stream().map(ClassPrediction.class::cast).toList();
    }

    private static List<AnomalyPrediction> anomalies(List<Prediction> predictions) {
        return predictions.stream().map(AnomalyPrediction.class::cast).toList();
    }

    private static <P> Values floats(List<P> predictions, ToDoubleFunction<P> value) {
        float[] values = new float[predictions.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) value.applyAsDouble(predictions.get(i));
        }
        return new Values.Floats(values);
    }

    private static Values anomalous(List<AnomalyPrediction> predictions) {
        boolean[] values = new boolean[predictions.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = predictions.get(i).anomalous();
        }
        return new Values.Booleans(values);
    }

    private static Output maps(List<AnomalyPrediction> predictions) {
        AnomalyPrediction first = predictions.getFirst();
        float[] values =
                concatenated(predictions.stream().map(AnomalyPrediction::map).toList());
        return new Output(
                Predictor.ANOMALY_MAP,
                List.of((long) predictions.size(), (long) first.mapHeight(), (long) first.mapWidth()),
                new Values.Floats(values));
    }

    private static Output joined(String name, List<Prediction> predictions, List<float[]> rows) {
        return new Output(
                name,
                List.of((long) predictions.size(), (long) rows.getFirst().length),
                new Values.Floats(concatenated(rows)));
    }

    private static float[] concatenated(List<float[]> rows) {
        float[] values = new float[rows.size() * rows.getFirst().length];
        for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(rows.get(i), 0, values, i * rows.get(i).length, rows.get(i).length);
        }
        return values;
    }

    private static Output ranked(int classes, List<Prediction> predictions) {
        List<ByteString> values = new ArrayList<>();
        for (ClassPrediction prediction : classes(predictions)) {
            float[] probabilities = prediction.probabilities();
            IntStream.range(0, probabilities.length)
                    .boxed()
                    .sorted(Comparator.comparing((Integer i) -> -probabilities[i]))
                    .limit(classes)
                    .forEach(i -> values.add(ByteString.copyFromUtf8(probabilities[i] + ":" + i + ":"
                            + prediction.labels().get(i))));
        }
        return new Output(
                Predictor.PROBABILITIES,
                List.of((long) predictions.size(), (long) classes),
                new Values.Elements(values));
    }

    private static String datatype(Values values) {
        return switch (values) {
            case Values.Floats _ -> "FP32";
            case Values.Booleans _ -> "BOOL";
            case Values.Elements _ -> "BYTES";
        };
    }

    private static ByteString rawContents(Values values) {
        return switch (values) {
            case Values.Floats(float[] floats) -> TensorBytes.of(floats);
            case Values.Elements(List<ByteString> elements) -> TensorBytes.of(elements);
            case Values.Booleans(boolean[] booleans) -> {
                byte[] bytes = new byte[booleans.length];
                for (int i = 0; i < bytes.length; i++) {
                    bytes[i] = (byte) (booleans[i] ? 1 : 0);
                }
                yield ByteString.copyFrom(bytes);
            }
        };
    }

    private static InferTensorContents contents(Values values) {
        InferTensorContents.Builder contents = InferTensorContents.newBuilder();
        switch (values) {
            case Values.Floats(float[] floats) -> {
                for (float value : floats) {
                    contents.addFp32Contents(value);
                }
            }
            case Values.Elements(List<ByteString> elements) -> contents.addAllBytesContents(elements);
            case Values.Booleans(boolean[] booleans) -> {
                for (boolean value : booleans) {
                    contents.addBoolContents(value);
                }
            }
        }
        return contents.build();
    }
}
