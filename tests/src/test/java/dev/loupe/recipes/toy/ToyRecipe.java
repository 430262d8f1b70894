package dev.loupe.recipes.toy;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.Predictor;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.recipes.toy.ToyParameters.Colours;
import dev.loupe.vision.classification.ClassifierTrainer;
import dev.loupe.vision.recipe.TrainingRecipe;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;

/** A third-party recipe: assigns an image to the class with the nearest mean colour. */
public final class ToyRecipe implements TrainingRecipe<ToyParameters> {
    private static final int SIDE = 16;
    private static final int CHANNELS = 3;

    @Override
    public String name() {
        return "toy";
    }

    @Override
    public Task task() {
        return Task.CLASSIFICATION;
    }

    @Override
    public String summary() {
        return "Compares the mean colour of an image with that of each class.";
    }

    @Override
    public ToyParameters defaults() {
        return new ToyParameters(Colours.RGB, 100);
    }

    @Override
    public TrainedModel train(TrainingJob job, ToyParameters parameters) {
        Preprocessing preprocessing = new Preprocessing(SIDE, SIDE, 255, new float[] {0, 0, 0}, new float[] {1, 1, 1});
        return ClassifierTrainer.train(job, preprocessing, _ -> model(job, parameters, preprocessing));
    }

    /** Scores are {@code -s |x - m|²} without the part that all classes share: {@code 2 s x·m - s |m|²}. */
    private static byte[] model(TrainingJob job, ToyParameters parameters, Preprocessing preprocessing) {
        List<String> labels = job.labels();
        float[] weights = new float[labels.size() * CHANNELS];
        float[] bias = new float[labels.size()];
        float sharpness = (float) parameters.sharpness();
        for (int label = 0; label < labels.size(); label++) {
            float[] mean = mean(job, labels.get(label), preprocessing, parameters.colours());
            for (int channel = 0; channel < CHANNELS; channel++) {
                weights[label * CHANNELS + channel] = 2 * sharpness * mean[channel];
                bias[label] -= sharpness * mean[channel] * mean[channel];
            }
            job.progress().report("train", label + 1, labels.size(), java.util.Map.of());
        }
        OnnxGraph graph = OnnxGraph.create("toy");
        String colour = graph.reduce("ReduceMean", graph.input("image", -1, CHANNELS, SIDE, SIDE), false, 2, 3);
        String scores = graph.node(
                "Gemm",
                List.of(
                        colour,
                        graph.floats("weights", weights, labels.size(), CHANNELS),
                        graph.floats("bias", bias, labels.size())),
                OnnxAttribute.of("transB", 1));
        String probabilities = graph.node("Softmax", List.of(scores), OnnxAttribute.of("axis", 1));
        graph.output(probabilities, Predictor.PROBABILITIES, -1, labels.size());
        return graph.toBytes();
    }

    private static float[] mean(TrainingJob job, String label, Preprocessing preprocessing, Colours colours) {
        float[] mean = new float[CHANNELS];
        List<TrainingImage> images = job.images(Split.TRAIN).stream()
                .filter(image -> image.label().equals(label))
                .toList();
        for (TrainingImage image : images) {
            float[] values = read(image, preprocessing);
            int pixels = values.length / CHANNELS;
            for (int i = 0; i < values.length; i++) {
                mean[i / pixels] += values[i] / pixels / images.size();
            }
        }
        if (colours == Colours.BRIGHTNESS) {
            java.util.Arrays.fill(mean, (mean[0] + mean[1] + mean[2]) / CHANNELS);
        }
        return mean;
    }

    private static float[] read(TrainingImage image, Preprocessing preprocessing) {
        try {
            return preprocessing.apply(Files.readAllBytes(image.file()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
