package dev.loupe.vision.recipe.studentteacher;

import ai.djl.ndarray.types.Shape;
import dev.loupe.contracts.Split;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.Predictor;
import dev.loupe.model.backbone.Backbone.FeatureMap;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.vision.anomaly.AnomalyGraph;
import dev.loupe.vision.anomaly.AnomalyTrainer;
import dev.loupe.vision.anomaly.RegressionTraining;
import dev.loupe.vision.anomaly.RegressionTraining.Examples;
import dev.loupe.vision.anomaly.SelectedFeatures;
import dev.loupe.vision.net.Layer;
import dev.loupe.vision.net.Layer.BatchNorm;
import dev.loupe.vision.net.Layer.Convolution;
import dev.loupe.vision.net.Layer.Relu;
import dev.loupe.vision.net.Net;
import dev.loupe.vision.net.NetOnnx;
import dev.loupe.vision.training.FeatureExtractor;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.util.ArrayList;
import java.util.List;

/**
 * Trains a student network to predict the features of a teacher, the backbone, at each place of normal images. It has not
 * learnt what is abnormal, so a place where the two differ is anomalous.
 *
 * <p>Source: Wang et al., "Student-Teacher Feature Pyramid Matching for Anomaly Detection", BMVC 2021, section 3. In
 * contrast to the paper, the student is a small network of its own, which predicts all maps at once; the teacher's
 * features are normalized by channel, as in Batzner et al., "EfficientAD", WACV 2024, section 3.1.
 *
 * <p>The state of the student is saved after epochs; the teacher's features are computed again. Deterministic for given
 * images, backbone, parameters, seed, number of threads and machine.
 */
final class StudentTeacherTrainer {
    /** Most bytes of the teacher's features of all images. */
    private static final long MAX_FEATURE_BYTES = 1L << 30;

    private static final double MIN_DEVIATION = 1e-6;
    private static final int MAX_WIDENING = 4;

    private final TrainingJob job;
    private final StudentTeacherParameters parameters;
    private final SelectedFeatures features;

    private StudentTeacherTrainer(TrainingJob job, StudentTeacherParameters parameters) {
        this.job = job;
        this.parameters = parameters;
        this.features = SelectedFeatures.of(job.backbone(), parameters.features(), job.seed());
    }

    /**
     * Trains on the TRAIN images, keeps the epoch that is best on the normal DEV images, chooses the threshold on the DEV
     * images and evaluates on the TEST images. Resumes from the job's latest checkpoint.
     *
     * @param job job with the labels normal and abnormal, in this order
     * @return the model; its file is {@code model.onnx} in the job's work folder
     * @throws dev.loupe.vision.training.CancelledException if the job's progress is cancelled
     * @throws dev.loupe.vision.classification.NonFiniteLossException if training diverges
     * @throws dev.loupe.model.onnx.InvalidOnnxException if the backbone has no suitable feature maps
     * @throws IllegalArgumentException if there is no backbone, its stride is not a power of two, there is an abnormal
     *     TRAIN image, too few normal ones, or a file is not an image
     */
    static TrainedModel train(TrainingJob job, StudentTeacherParameters parameters) {
        AnomalyTrainer.requireBackbone(job);
        List<TrainingImage> train = AnomalyTrainer.normalTrainImages(job, StudentTeacherRecipe.NAME);
        return new StudentTeacherTrainer(job, parameters).run(train);
    }

    private TrainedModel run(List<TrainingImage> train) {
        Net student = student();
        String normal = job.labels().getFirst();
        List<TrainingImage> dev = job.images(Split.DEV).stream()
                .filter(image -> image.label().equals(normal))
                .toList();
        requireMemory(train.size() + dev.size());
        List<float[]> teacher = teacher(train);
        ChannelScale scale = ChannelScale.of(teacher, features.count(), MIN_DEVIATION);
        RegressionTraining.Result trained = RegressionTraining.train(
                job,
                student,
                examples(Split.TRAIN, scale.apply(teacher)),
                examples(Split.DEV, scale.apply(teacher(dev))),
                parameters.training());
        byte[] onnx = onnx(student, trained.weights(), scale);
        return AnomalyTrainer.evaluated(job, onnx, job.backbone().preprocessing(), trained.resumedFrom());
    }

    private void requireMemory(int images) {
        long perFeature = (long) images * features.all().places() * Float.BYTES;
        if (perFeature * features.count() > MAX_FEATURE_BYTES) {
            throw new IllegalArgumentException("features: expected at most " + MAX_FEATURE_BYTES / perFeature + " for "
                    + images + " images of " + features.all().places() + " places, got " + features.count()
                    + ": use fewer features or smaller images");
        }
    }

    /** Halves the side until it is that of the teacher's grid, then looks around once more. */
    private Net student() {
        FeatureMap grid = features.all().finest();
        int stages = Integer.numberOfTrailingZeros(grid.stride());
        if (1 << stages != grid.stride()) {
            throw new IllegalArgumentException(StudentTeacherRecipe.NAME
                    + ": expected a backbone whose finest feature map has a stride that is a power of two, got '"
                    + job.backbone().name() + "' with the stride " + grid.stride());
        }
        List<Layer> layers = new ArrayList<>();
        int from = 3;
        for (int stage = 0; stage < stages; stage++) {
            int to = parameters.width() * Math.min(MAX_WIDENING, 1 << stage);
            layers.addAll(List.of(new Convolution(from, to, 3, 2), new BatchNorm(to), new Relu()));
            layers.addAll(List.of(new Convolution(to, to, 3, 1), new BatchNorm(to), new Relu()));
            from = to;
        }
        layers.addAll(List.of(new Convolution(from, from, 3, 1), new BatchNorm(from), new Relu()));
        layers.add(new Convolution(from, features.count(), 1, 1, 0, 1, true));
        return new Net(layers);
    }

    /** The teacher's features of images, each [channels, places]. */
    private List<float[]> teacher(List<TrainingImage> images) {
        OnnxGraph graph = job.backbone().graph();
        graph.output(byChannel(graph, features.appendTo(graph)), "teacher", -1, features.count(), -1);
        List<float[]> result = new ArrayList<>(images.size());
        try (FeatureExtractor extractor = new FeatureExtractor(
                graph.toBytes(), job.backbone().preprocessing(), List.of("teacher"), job.threads())) {
            extractor.extract(images, "features", job.progress(), (_, outputs) -> result.add(outputs.getFirst()));
        }
        return result;
    }

    private static String byChannel(OnnxGraph graph, String places) {
        return graph.node("Transpose", List.of(places), OnnxAttribute.of("perm", new long[] {0, 2, 1}));
    }

    private Examples examples(Split split, List<float[]> targets) {
        FeatureMap grid = features.all().finest();
        return new Examples(
                AnomalyTrainer.normalImages(job, split, job.backbone().preprocessing()), (images, batch) -> {
                    float[] values = new float[batch.size() * features.size()];
                    for (int i = 0; i < batch.size(); i++) {
                        System.arraycopy(targets.get(batch.get(i)), 0, values, i * features.size(), features.size());
                    }
                    Shape shape = new Shape(batch.size(), features.count(), grid.height(), grid.width());
                    return images.getManager().create(values, shape);
                });
    }

    private byte[] onnx(Net student, List<float[]> weights, ChannelScale scale) {
        OnnxGraph graph = job.backbone().graph();
        Preprocessing preprocessing = job.backbone().preprocessing();
        String image = graph.inputs().getFirst();
        String predicted = graph.reshape(
                NetOnnx.append(graph, image, preprocessing.width(), student, weights),
                0,
                features.count(),
                features.all().places());
        String teacher = scale.appendTo(graph, byChannel(graph, features.appendTo(graph)));
        String difference = graph.node("Sub", List.of(teacher, predicted));
        String lengths = graph.reduce("ReduceL2", difference, false, 1);
        float share = (float) (1 / Math.sqrt(features.count()));
        String distances = graph.node("Mul", List.of(lengths, graph.scalar("share", share)));
        String map = AnomalyGraph.appendMap(graph, distances, features.all().finest(), preprocessing);
        graph.output(parameters.score().appendTo(graph, map, preprocessing), Predictor.ANOMALY_SCORE, -1);
        return graph.toBytes();
    }
}
