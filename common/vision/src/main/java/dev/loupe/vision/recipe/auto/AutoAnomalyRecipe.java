package dev.loupe.vision.recipe.auto;

import dev.loupe.contracts.Task;
import dev.loupe.vision.recipe.TrainingRecipe;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Tries backbones, layers, sizes and treatments of features for anomaly detection, and keeps what does best on DEV. */
public final class AutoAnomalyRecipe implements TrainingRecipe<AutoAnomalyParameters> {
    static final String NAME = "auto-anomaly";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Task task() {
        return Task.ANOMALY_DETECTION;
    }

    @Override
    public String summary() {
        return "Tries several detectors, and keeps the one that does best on DEV images, if DEV has abnormal ones.";
    }

    @Override
    public String description() {
        try (InputStream in = getClass().getResourceAsStream("anomaly.md")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public AutoAnomalyParameters defaults() {
        return AutoAnomalyParameters.DEFAULTS;
    }

    @Override
    public boolean needsAllBackbones(List<TrainingImage> images, List<String> labels) {
        return AnomalyShortList.nothingToChooseBy(images, labels).isEmpty();
    }

    @Override
    public TrainedModel train(TrainingJob job, AutoAnomalyParameters parameters) {
        return new AutoAnomalyTraining(job, parameters, System::nanoTime, AnomalyShortList.PROBE_IMAGES).run();
    }
}
