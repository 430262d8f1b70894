package dev.loupe.vision.training;

import dev.loupe.contracts.Split;
import dev.loupe.model.AnomalyPrediction;
import dev.loupe.model.ClassPrediction;
import dev.loupe.model.Prediction;
import dev.loupe.model.Predictor;
import dev.loupe.model.Quantization;
import dev.loupe.model.onnx.NonFiniteOutputException;
import dev.loupe.model.quantization.Calibration;
import dev.loupe.model.quantization.Int8Graph;
import dev.loupe.model.quantization.LayerKind;
import dev.loupe.vision.training.QuantizationGate.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Makes a model compute with 8-bit integers: finds the ranges of its values on DEV images, and accepts the result only if
 * it does as well as the model on all DEV images. If it does not, the convolutions alone are tried, and then those
 * without the first and the last one.
 */
public final class ModelQuantization {
    /** Most images that ranges are found on: further ones hardly widen them. */
    private static final int MAX_CALIBRATION_IMAGES = 200;

    private static final Set<LayerKind> CONVOLUTIONS = EnumSet.of(LayerKind.CONV);
    /**
     * What is tried, in order. Linear layers at the end of a network are small, and their errors reach the output; so do
     * those of the first convolution, which reads the image, and of the last one.
     */
    private static final List<Function<byte[], Int8Graph>> CANDIDATES = List.of(
            onnx -> Int8Graph.of(onnx, EnumSet.allOf(LayerKind.class)),
            onnx -> Int8Graph.of(onnx, CONVOLUTIONS),
            onnx -> Int8Graph.inner(onnx, CONVOLUTIONS));

    private static final String PHASE = "quantize";

    private final TrainedModel model;
    private final TrainingJob job;
    private final List<TrainingImage> dev;
    private final List<TrainingImage> calibrationImages;

    private ModelQuantization(TrainedModel model, TrainingJob job, List<TrainingImage> calibrationImages) {
        this.model = model;
        this.job = job;
        this.dev = job.images(Split.DEV);
        this.calibrationImages = calibrationImages;
    }

    /**
     * Quantises a model and compares it with the model.
     *
     * @param job the job that trained it
     * @throws CancelledException if the job's progress is cancelled
     */
    public static QuantizedModel of(TrainedModel model, TrainingJob job) {
        List<TrainingImage> dev = job.images(Split.DEV);
        int count = Math.min(dev.size(), MAX_CALIBRATION_IMAGES);
        return of(
                model,
                job,
                IntStream.range(0, count)
                        .mapToObj(i -> dev.get((int) ((long) i * dev.size() / count)))
                        .toList());
    }

    /** As {@link #of(TrainedModel, TrainingJob)}, with ranges that these images have. */
    static QuantizedModel of(TrainedModel model, TrainingJob job, List<TrainingImage> calibrationImages) {
        try {
            return new ModelQuantization(model, job, calibrationImages).quantized();
        } catch (IOException e) {
            throw new UncheckedIOException("quantising the model: " + e.getMessage(), e);
        }
    }

    private QuantizedModel quantized() throws IOException {
        if (dev.size() < QuantizationGate.MIN_IMAGES) {
            return refused("DEV has " + dev.size() + " images, expected at least " + QuantizationGate.MIN_IMAGES
                    + " to compare both models on");
        }
        byte[] onnx = Files.readAllBytes(model.onnx());
        List<Answer> before = answers(onnx);
        QuantizedModel best = refused("the model has no layer with constant weights, expected at least one");
        int tried = 0;
        for (Function<byte[], Int8Graph> rewriting : CANDIDATES) {
            Int8Graph graph = rewriting.apply(onnx);
            if (graph.layers() == 0 || graph.layers() == tried) {
                continue;
            }
            tried = graph.layers();
            best = candidate(graph, before);
            if (best.result().accepted()) {
                break;
            }
        }
        return best;
    }

    private QuantizedModel candidate(Int8Graph graph, List<Answer> before) throws IOException {
        byte[] int8;
        List<Answer> after;
        try {
            int8 = calibrated(graph);
            after = answers(int8);
        } catch (NonFiniteOutputException | IllegalArgumentException e) {
            return refused(e.getMessage());
        }
        int[] truth = dev.stream()
                .mapToInt(image -> model.labels().indexOf(image.label()))
                .toArray();
        QuantizationGate gate = QuantizationGate.of(model.task(), model.labels().size(), truth, before, after);
        String refusal = gate.refusal();
        Quantization result = new Quantization(
                refusal == null ? Quantization.FILE : null,
                gate.metric(),
                gate.fp32(),
                gate.int8(),
                gate.agreement(),
                gate.images(),
                calibrationImages.size(),
                refusal == null,
                refusal,
                Quantization.TOLERANCE,
                List.of());
        return new QuantizedModel(refusal == null ? int8 : null, result);
    }

    /** No model with 8-bit integers, for this reason. */
    public static QuantizedModel refused(String reason) {
        return new QuantizedModel(
                null,
                new Quantization(null, null, null, null, null, 0, 0, false, reason, Quantization.TOLERANCE, List.of()));
    }

    private byte[] calibrated(Int8Graph graph) throws IOException {
        try (Calibration calibration = graph.calibration(job.threads())) {
            int done = 0;
            for (TrainingImage image : calibrationImages) {
                job.progress().check();
                float[] input = model.preprocessing().apply(Files.readAllBytes(image.file()));
                calibration.observe(
                        input,
                        1,
                        3,
                        model.preprocessing().height(),
                        model.preprocessing().width());
                job.progress().report(PHASE, ++done, calibrationImages.size(), Map.of());
            }
            return graph.quantized(calibration.ranges());
        }
    }

    private List<Answer> answers(byte[] onnx) {
        try (Predictor predictor =
                new Predictor(onnx, model.task(), model.preprocessing(), model.labels(), model.threshold(), 1)) {
            return ModelEvaluation.predict(
                    predictor, dev, job.threads(), PHASE, job.progress(), ModelQuantization::answer);
        }
    }

    private static Answer answer(Prediction prediction) {
        return switch (prediction) {
            case ClassPrediction classes -> new Answer(classes.best(), 0);
            case AnomalyPrediction anomaly -> new Answer(anomaly.anomalous() ? 1 : 0, anomaly.score());
        };
    }
}
