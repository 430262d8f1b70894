package dev.loupe.vision.recipe.auto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.training.Selection;
import dev.loupe.contracts.training.Selection.Candidate;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Hog;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.DrawnStripes;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.KillingCheckpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AutoRecipeIT {
    private static final List<String> ALL =
            List.of("transfer with scattering", "classical with scattering", "scratch", "control");

    @TempDir
    Path folder;

    private final List<String> phases = new ArrayList<>();
    /** Number of losses that were reported in a phase. */
    private final Map<String, Integer> losses = new HashMap<>();

    @Test
    void keepsTheCandidateThatIsBestOnDev() throws IOException {
        TrainedModel model = new AutoRecipe().train(job(DrawnStripes.images(folder, 32, 24, 8), Checkpoints.NONE));

        Selection selection = model.selection();
        assertEquals(ALL, selection.candidates().stream().map(Candidate::name).toList());
        double best = selection.candidates().stream()
                .limit(3)
                .mapToDouble(candidate -> candidate.devMetrics().get("accuracy"))
                .max()
                .orElseThrow();
        assertEquals(best, model.devMetrics().get("accuracy"), 1e-9);
        Candidate chosen = selection.candidates().stream()
                .filter(candidate -> candidate.name().equals(selection.chosen()))
                .findFirst()
                .orElseThrow();
        assertEquals(chosen.devMetrics(), model.devMetrics());
        assertEquals(1, model.metrics().get("accuracy"));
        assertTrue(selection.reason().contains("24 DEV images"), selection.reason());
        assertEquals(1, phases.stream().filter("evaluate 8"::equals).count(), "TEST is looked at once");
        assertTrue(phases.contains("candidate 3 of 3 train 40"), phases.toString());
        Candidate scratch = selection.candidates().get(ALL.indexOf("scratch"));
        assertEquals("candidate 3 of 3", scratch.phase());
        assertTrue(losses.getOrDefault(scratch.phase() + " train", 0) > 5, losses.toString());
    }

    @Test
    void theKernelSvmLearnsFromTheBackboneWhoseTransferIsBetter() throws IOException {
        List<Candidate> candidates = new AutoRecipe()
                .train(job(
                        DrawnStripes.images(folder, 16, 20, 8),
                        Checkpoints.NONE,
                        List.of(Scattering.backbone(64), Hog.backbone(64))))
                .selection()
                .candidates();

        Candidate scattering = candidates.get(0);
        Candidate hog = candidates.get(1);
        String better = compare(scattering, hog) >= 0 ? "scattering" : "hog";
        assertEquals("classical with " + better, candidates.get(2).name(), candidates.toString());
    }

    /** By accuracy, then by log loss. */
    private static int compare(Candidate one, Candidate other) {
        int byAccuracy = Double.compare(
                one.devMetrics().get("accuracy"), other.devMetrics().get("accuracy"));
        return byAccuracy != 0
                ? byAccuracy
                : Double.compare(
                        other.devMetrics().get("logLoss"), one.devMetrics().get("logLoss"));
    }

    @Test
    void tooFewDevImagesLeaveNothingToChooseBy() throws IOException {
        Selection selection = new AutoRecipe()
                .train(job(DrawnStripes.images(folder, 32, 18, 8), Checkpoints.NONE))
                .selection();

        assertEquals("transfer with scattering", selection.chosen());
        assertEquals(1, selection.candidates().size());
        assertTrue(selection.reason().contains("18 DEV images"), selection.reason());
    }

    @Test
    void goesOnWithTheCandidateInTrainingAfterItWasKilled() throws IOException {
        List<TrainingImage> images = DrawnStripes.images(folder, 32, 24, 8);
        TrainedModel whole = new AutoRecipe().train(job(images, Checkpoints.NONE));
        KillingCheckpoints kept = new KillingCheckpoints(folder.resolve("kept"));
        kept.killAt("scratch: epoch 3");
        assertThrows(KillingCheckpoints.Killed.class, () -> new AutoRecipe().train(job(images, kept)));
        phases.clear();

        TrainedModel resumed = new AutoRecipe().train(job(images, kept));

        assertEquals("scratch: epoch 3", resumed.resumedFrom());
        assertTrue(phases.stream().noneMatch(phase -> phase.startsWith("candidate 1")), phases.toString());
        assertEquals(whole.selection().chosen(), resumed.selection().chosen());
        assertArrayEquals(Files.readAllBytes(whole.onnx()), Files.readAllBytes(resumed.onnx()));
        for (int i = 0; i < ALL.size(); i++) {
            assertEquals(
                    whole.selection().candidates().get(i).devMetrics(),
                    resumed.selection().candidates().get(i).devMetrics());
        }
    }

    @Test
    void triesNothingMoreWhenTheTimeIsOver() throws IOException {
        long[] clock = {0};
        TrainingJob job = job(DrawnStripes.images(folder, 32, 24, 8), Checkpoints.NONE);
        AutoTraining training = new AutoTraining(job, new AutoParameters(null, 5), () -> {
            boolean first = phases.stream().noneMatch(phase -> phase.startsWith("candidate 2"));
            clock[0] += first ? 0 : Duration.ofMinutes(1).toNanos();
            return clock[0];
        });

        TrainedModel model = training.run();

        List<Candidate> candidates = model.selection().candidates();
        assertEquals("transfer with scattering", model.selection().chosen());
        assertTrue(candidates.get(1).note().startsWith("given up"), candidates.toString());
        assertTrue(candidates.get(2).note().startsWith("not tried"), candidates.toString());
        assertEquals(ALL, candidates.stream().map(Candidate::name).toList());
        assertTrue(candidates.get(1).devMetrics().isEmpty());
    }

    @Test
    void aModelThatIsNoBetterThanItsControlHasAWarning() throws IOException {
        List<TrainingImage> drawn = DrawnStripes.images(folder, 16, 24, 8);
        List<TrainingImage> same = drawn.stream()
                .map(image -> new TrainingImage(image.id(), drawn.getFirst().file(), image.label(), image.split()))
                .toList();

        TrainedModel model = new AutoRecipe().train(job(same, Checkpoints.NONE));

        assertEquals(.5, model.devMetrics().get("accuracy"));
        assertEquals(1, model.warnings().size());
        assertTrue(
                model.warnings().getFirst().contains("random weights"),
                model.warnings().toString());
        assertNull(model.threshold());
    }

    private TrainingJob job(List<TrainingImage> images, Checkpoints checkpoints) throws IOException {
        return job(images, checkpoints, List.of(Scattering.backbone(64)));
    }

    private TrainingJob job(List<TrainingImage> images, Checkpoints checkpoints, List<Backbone> backbones)
            throws IOException {
        return new TrainingJob(
                images,
                DrawnStripes.LABELS,
                backbones,
                7,
                1,
                Files.createTempDirectory(folder, "work"),
                new Progress() {
                    @Override
                    public void report(String phase, long done, long total, Map<String, Double> metrics) {
                        if (done == 0 || phase.endsWith("train")) {
                            phases.add(phase + " " + total);
                        }
                        if (metrics.containsKey("loss")) {
                            losses.merge(phase, 1, Integer::sum);
                        }
                    }

                    @Override
                    public boolean cancelled() {
                        return false;
                    }
                },
                checkpoints);
    }
}
