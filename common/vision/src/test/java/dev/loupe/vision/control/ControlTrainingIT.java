package dev.loupe.vision.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.training.Control;
import dev.loupe.contracts.training.Control.Verdict;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.DrawnParts;
import dev.loupe.vision.DrawnStripes;
import dev.loupe.vision.recipe.Recipes;
import dev.loupe.vision.training.CancelledException;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlTrainingIT {
    private static final Recipe TRANSFER = new Recipe("transfer", Map.of("backbone", "scattering", "epochs", 20));

    private static final Duration TIME = Duration.ofMinutes(10);

    @TempDir
    Path folder;

    private final List<String> phases = new ArrayList<>();

    @Test
    void isTheSameRecipeOnARandomNetworkOnTheSameTestImages() throws IOException {
        TrainingJob job = job(DrawnStripes.images(folder), DrawnStripes.LABELS);
        TrainedModel model = train(job, TRANSFER);

        Control control = ControlTraining.of(job, model, TRANSFER, TIME).orElseThrow();

        assertEquals("transfer on a random network", control.name());
        assertEquals("accuracy", control.metric());
        assertEquals(Split.TEST, control.split());
        assertEquals(16, control.images());
        assertEquals(48, control.trainImages());
        assertEquals(control.value(), control.metrics().get("accuracy"), 1e-9);
        assertTrue(
                control.metrics().containsKey("balancedAccuracy"),
                control.metrics().toString());
        assertEquals(
                model.metrics().get("accuracy") - control.value(),
                control.difference().value(),
                1e-9);
        assertTrue(phases.contains("control features"), phases.toString());
    }

    /** The control of this test: labels that have nothing to do with the images. */
    @Test
    void withShuffledLabelsTheModelIsNotShownToBeBetter() throws IOException {
        Random random = new Random(3);
        List<TrainingImage> shuffled = DrawnStripes.images(folder, 48, 16, 40).stream()
                .map(image -> new TrainingImage(
                        image.id(), image.file(), DrawnStripes.LABELS.get(random.nextInt(2)), image.split()))
                .toList();
        TrainingJob job = job(shuffled, DrawnStripes.LABELS);

        Control control =
                ControlTraining.of(job, train(job, TRANSFER), TRANSFER, TIME).orElseThrow();

        assertEquals(Verdict.NOT_SHOWN_BETTER, control.verdict());
        assertTrue(control.difference().low() <= 0, control.difference().toString());
        assertTrue(
                control.advice().toString().contains("pretrained backbone"),
                control.advice().toString());
    }

    @Test
    void learnsNothingFromTestImages() throws IOException {
        List<TrainingImage> images = DrawnStripes.images(folder);
        TrainingJob job = job(images, DrawnStripes.LABELS);
        TrainedModel model = train(job, TRANSFER);
        List<TrainingImage> otherTruths = images.stream()
                .map(image -> image.split() != Split.TEST
                        ? image
                        : new TrainingImage(
                                image.id(),
                                image.file(),
                                DrawnStripes.LABELS.get(1 - DrawnStripes.LABELS.indexOf(image.label())),
                                Split.TEST))
                .toList();

        double value =
                ControlTraining.of(job, model, TRANSFER, TIME).orElseThrow().value();
        double other = ControlTraining.of(job(otherTruths, DrawnStripes.LABELS), model, TRANSFER, TIME)
                .orElseThrow()
                .value();

        assertEquals(1 - value, other, 1e-9, "the predictions are the same");
    }

    @Test
    void ofARecipeThatTrainsItsNetworkItIsTransferOnARandomNetwork() throws IOException {
        TrainingJob job = job(DrawnStripes.images(folder), DrawnStripes.LABELS);
        TrainedModel model = train(job, TRANSFER);
        double expected = ControlTraining.of(job, model, Recipe.of("transfer"), TIME)
                .orElseThrow()
                .value();

        for (String name : List.of("scratch", "finetune", "of-my-own")) {
            Control control =
                    ControlTraining.of(job, model, Recipe.of(name), TIME).orElseThrow();
            assertEquals("transfer on a random network", control.name());
            assertEquals(expected, control.value(), name);
            assertEquals(48, control.trainImages());
        }
    }

    @Test
    void ofADetectorThatTrainsItsNetworkItIsGaussianOnARandomNetwork() throws IOException {
        TrainingJob job = job(DrawnParts.draw(folder, 128, 12, 6, 8), List.of(DrawnParts.NORMAL, DrawnParts.ABNORMAL));
        TrainedModel model = train(job, new Recipe("gaussian", Map.of("backbone", "scattering")));
        for (String name : List.of("autoencoder", "student-teacher")) {
            Control control =
                    ControlTraining.of(job, model, Recipe.of(name), TIME).orElseThrow();
            assertEquals("gaussian on a random network", control.name());
            assertEquals("auroc", control.metric());
        }
    }

    @Test
    void withoutTestImagesBothAreMeasuredOnDev() throws IOException {
        List<TrainingImage> images = DrawnStripes.images(folder).stream()
                .filter(image -> image.split() != Split.TEST)
                .toList();
        TrainingJob job = job(images, DrawnStripes.LABELS);
        TrainedModel model = train(job, TRANSFER);

        Control control = ControlTraining.of(job, model, TRANSFER, TIME).orElseThrow();

        assertEquals(Split.DEV, control.split());
        assertEquals(16, control.images());
        assertEquals(
                model.devMetrics().get("accuracy") - control.value(),
                control.difference().value(),
                1e-9);
    }

    @Test
    void ofAnAnomalyDetectorIsMeasuredByAuroc() throws IOException {
        List<TrainingImage> images = DrawnParts.draw(folder, 128, 12, 6, 8);
        TrainingJob job = job(images, List.of(DrawnParts.NORMAL, DrawnParts.ABNORMAL));
        Recipe recipe = new Recipe("patchcore", Map.of("backbone", "scattering"));
        TrainedModel model = train(job, recipe);

        Control control = ControlTraining.of(job, model, recipe, TIME).orElseThrow();

        assertEquals("patchcore on a random network", control.name());
        assertEquals("auroc", control.metric());
        assertEquals(control.metrics().get("auroc"), control.value(), 1e-9);
        assertEquals(
                model.metrics().get("auroc") - control.value(),
                control.difference().value(),
                1e-9);
        assertFalse(Files.exists(job.workFolder().resolve("control/control")), "the control has no control of its own");
    }

    @Test
    void aControlHasNone() throws IOException {
        TrainingJob job = job(DrawnStripes.images(folder), DrawnStripes.LABELS);
        TrainedModel model = train(job, TRANSFER);
        for (String backbone : List.of("random", "random:mobilenet")) {
            Recipe recipe = new Recipe("transfer", Map.of("backbone", backbone));
            assertEquals(Optional.empty(), ControlTraining.of(job, model, recipe, TIME));
        }
    }

    @Test
    void endsWhenTheRunIsCancelled() throws IOException {
        TrainingJob job = job(DrawnStripes.images(folder), DrawnStripes.LABELS);
        TrainedModel model = train(job, TRANSFER);
        TrainingJob cancelled = new TrainingJob(
                job.images(), job.labels(), job.backbone(), 7, 2, job.workFolder(), progress(true), Checkpoints.NONE);
        assertThrows(CancelledException.class, () -> ControlTraining.of(cancelled, model, TRANSFER, TIME));
    }

    @Test
    void thatTakesLongerThanItMayIsNone() throws IOException {
        TrainingJob job = job(DrawnStripes.images(folder), DrawnStripes.LABELS);
        TrainedModel model = train(job, TRANSFER);
        assertEquals(Optional.empty(), ControlTraining.of(job, model, TRANSFER, Duration.ZERO));
        assertEquals(Duration.ofMinutes(5), ControlTraining.limit(3));
        assertEquals(Duration.ofSeconds(400), ControlTraining.limit(400.5));
    }

    @Test
    void ofPadimAndGaussianIsTheSameRecipeOnARandomNetwork() throws IOException {
        List<TrainingImage> images = DrawnParts.draw(folder, 128, 12, 6, 8);
        TrainingJob job = job(images, List.of(DrawnParts.NORMAL, DrawnParts.ABNORMAL));
        for (String name : List.of("padim", "gaussian")) {
            Recipe recipe = new Recipe(name, Map.of("backbone", "scattering"));
            Control control =
                    ControlTraining.of(job, train(job, recipe), recipe, TIME).orElseThrow();
            assertEquals(name + " on a random network", control.name());
            assertEquals("auroc", control.metric());
        }
    }

    private TrainedModel train(TrainingJob job, Recipe recipe) {
        return Recipes.require(recipe.name(), getClass().getClassLoader()).train(job, recipe.parameters());
    }

    private TrainingJob job(List<TrainingImage> images, List<String> labels) throws IOException {
        return new TrainingJob(
                images,
                labels,
                Scattering.backbone(64),
                7,
                2,
                Files.createTempDirectory(folder, "work"),
                progress(false),
                Checkpoints.NONE);
    }

    private Progress progress(boolean cancelled) {
        return new Progress() {
            @Override
            public void report(String phase, long done, long total, Map<String, Double> metrics) {
                phases.add(phase);
            }

            @Override
            public boolean cancelled() {
                return cancelled;
            }
        };
    }
}
