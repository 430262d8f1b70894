package dev.loupe.vision.recipe.transfer;

import dev.loupe.contracts.Split;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.vision.classification.FeatureExamples;
import dev.loupe.vision.classification.Standardisation;
import dev.loupe.vision.classification.TrainingCheckpoints;
import dev.loupe.vision.training.FeatureExtractor;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;

/** The standardised descriptions of the TRAIN and DEV images of a job, for recipes that learn from them. */
public final class Descriptions {
    private static final String DESCRIPTION = "description";

    private final TrainingJob job;
    private final List<float[]> rows;
    private final Standardisation standardisation;

    /**
     * Computes the descriptions that the latest checkpoint lacks.
     *
     * @throws dev.loupe.vision.training.CancelledException if the job's progress is cancelled
     */
    public Descriptions(TrainingJob job, TrainingCheckpoints checkpoints) {
        this(job, images(job), checkpoints.features(), checkpoints::saveFeatures);
    }

    private Descriptions(
            TrainingJob job, List<TrainingImage> images, List<float[]> known, ObjIntConsumer<List<float[]>> save) {
        this.job = job;
        rows = new ArrayList<>(known);
        if (rows.size() < images.size()) {
            compute(images, save);
        }
        standardisation = Standardisation.of(
                rows.subList(0, job.images(Split.TRAIN).size()), ImageDescription.parts(job.backbone()));
    }

    /**
     * The descriptions of the images of a job that a training has ended. Its latest checkpoint is read, but not written.
     *
     * @throws dev.loupe.vision.training.CancelledException if the job's progress is cancelled
     */
    public static Descriptions afterTraining(TrainingJob job) {
        List<TrainingImage> images = images(job);
        int size = ImageDescription.size(job.backbone());
        List<float[]> saved = TrainingCheckpoints.savedFeatures(job.checkpoints());
        boolean complete = saved.size() == images.size() && saved.stream().allMatch(row -> row.length == size);
        return new Descriptions(job, images, complete ? saved : List.of(), (_, _) -> {});
    }

    private static List<TrainingImage> images(TrainingJob job) {
        List<TrainingImage> images = new ArrayList<>(job.images(Split.TRAIN));
        images.addAll(job.images(Split.DEV));
        return images;
    }

    private void compute(List<TrainingImage> images, ObjIntConsumer<List<float[]>> save) {
        describe(images.subList(rows.size(), images.size()), row -> {
            rows.add(row);
            save.accept(rows, images.size());
        });
    }

    private void describe(List<TrainingImage> images, Consumer<float[]> each) {
        try (FeatureExtractor extractor = new FeatureExtractor(
                describing(job.backbone()), job.backbone().preprocessing(), List.of(DESCRIPTION), job.threads())) {
            extractor.extract(
                    images, "features", job.progress(), (index, features) -> each.accept(features.getFirst()));
        }
    }

    /** A model that computes the description of an image. */
    public static byte[] describing(Backbone backbone) {
        OnnxGraph graph = backbone.graph();
        graph.output(ImageDescription.append(graph, backbone), DESCRIPTION, -1, ImageDescription.size(backbone));
        return graph.toBytes();
    }

    /** The descriptions of the TRAIN images, then those of the DEV images, before they are standardised. */
    List<float[]> rows() {
        return rows;
    }

    /** The descriptions of the images of a split, in the order of the job. */
    public FeatureExamples examples(Split split) {
        int train = job.images(Split.TRAIN).size();
        List<float[]> chosen = split == Split.TRAIN ? rows.subList(0, train) : rows.subList(train, rows.size());
        return new FeatureExamples(chosen, job.classes(split), standardisation);
    }

    /**
     * Computes the descriptions of other images of the job, such as those of TEST, standardised as those of TRAIN.
     *
     * @throws dev.loupe.vision.training.CancelledException if the job's progress is cancelled
     */
    public FeatureExamples examples(List<TrainingImage> images) {
        List<float[]> described = new ArrayList<>();
        describe(images, described::add);
        return new FeatureExamples(
                described,
                images.stream()
                        .mapToInt(image -> job.labels().indexOf(image.label()))
                        .toArray(),
                standardisation);
    }

    /** Appends the standardised description to the backbone's graph; returns the name of its value. */
    public String append(OnnxGraph graph) {
        int size = standardisation.mean().length;
        String centred = graph.node(
                "Sub",
                List.of(
                        ImageDescription.append(graph, job.backbone()),
                        graph.floats("feature_mean", standardisation.mean(), size)));
        return graph.node(
                "Div", List.of(centred, graph.floats("feature_deviation", standardisation.deviation(), size)));
    }
}
