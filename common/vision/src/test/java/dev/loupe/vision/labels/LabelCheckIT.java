package dev.loupe.vision.labels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.training.LabelIssues;
import dev.loupe.contracts.training.LabelIssues.Issue;
import dev.loupe.contracts.training.Skipped.Reason;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.DrawnStripes;
import dev.loupe.vision.recipe.transfer.Descriptions;
import dev.loupe.vision.recipe.transfer.TransferParameters;
import dev.loupe.vision.recipe.transfer.TransferRecipe;
import dev.loupe.vision.training.CancelledException;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.FolderCheckpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks the labels of drawn images, some of which are exchanged on purpose. */
class LabelCheckIT {
    private static final int IMAGES = 240;
    /** 5 % of the images. */
    private static final int EXCHANGED = 12;

    @TempDir
    static Path folder;

    private static final Backbone BACKBONE = Scattering.backbone(64);
    private static List<TrainingImage> images;

    @BeforeAll
    static void draw() throws IOException {
        images = DrawnStripes.images(folder, IMAGES - 40, 40, 0);
    }

    private static TrainingJob job(List<TrainingImage> of, List<String> labels, Progress progress, Checkpoints saved) {
        return new TrainingJob(of, labels, BACKBONE, 3, 2, folder, progress, saved);
    }

    private static LabelIssues check(List<TrainingImage> of) {
        return of(job(of, DrawnStripes.LABELS, Progress.NONE, Checkpoints.NONE));
    }

    private static LabelIssues of(TrainingJob job) {
        return LabelCheck.of(job, () -> Descriptions.afterTraining(job), names(job.images()));
    }

    private static Map<String, String> names(List<TrainingImage> of) {
        return of.stream().collect(Collectors.toMap(TrainingImage::id, image -> "name of " + image.id()));
    }

    private static TrainingImage with(String label, TrainingImage image) {
        return new TrainingImage(image.id(), image.file(), label, image.split());
    }

    private static String other(String label) {
        return DrawnStripes.LABELS.get(1 - DrawnStripes.LABELS.indexOf(label));
    }

    @Test
    void findsMostExchangedLabelsAndFewOthers() {
        List<Integer> order = new ArrayList<>(IntStream.range(0, IMAGES).boxed().toList());
        Collections.shuffle(order, new Random(5));
        Set<Integer> chosen = Set.copyOf(order.subList(0, EXCHANGED));
        List<TrainingImage> wrong = IntStream.range(0, IMAGES)
                .mapToObj(i -> chosen.contains(i) ? with(other(images.get(i).label()), images.get(i)) : images.get(i))
                .toList();
        Set<String> exchanged = chosen.stream().map(i -> images.get(i).id()).collect(Collectors.toSet());

        LabelIssues found = check(wrong);
        assertNull(found.skipped());
        assertEquals(IMAGES, found.images());
        assertEquals(BACKBONE.name(), found.backbone());
        assertEquals(found.total(), found.issues().size());
        Set<String> right = new HashSet<>(exchanged);
        right.retainAll(found.issues().stream().map(Issue::sha256).toList());
        System.out.printf("%d of %d exchanged labels found, %d issues%n", right.size(), EXCHANGED, found.total());
        assertTrue(right.size() >= 0.8 * EXCHANGED, "recall: " + right.size() + " of " + EXCHANGED);
        assertTrue(right.size() >= 0.8 * found.total(), "precision: " + right.size() + " of " + found.total());
        Map<String, TrainingImage> byId = wrong.stream().collect(Collectors.toMap(TrainingImage::id, image -> image));
        double before = 0;
        for (Issue issue : found.issues()) {
            assertTrue(issue.labelProbability() >= before, "ordered by the probability of the label");
            before = issue.labelProbability();
            assertEquals(byId.get(issue.sha256()).label(), issue.label());
            assertEquals(other(issue.label()), issue.likelyLabel());
            assertEquals(1, issue.labelProbability() + issue.likelyProbability(), 1e-9);
            assertEquals("name of " + issue.sha256(), issue.name());
        }
    }

    /** The control. */
    @Test
    void findsAlmostNothingAmongRightLabels() {
        LabelIssues found = check(images);
        System.out.printf("%d issues among right labels%n", found.total());
        assertTrue(found.total() <= 0.01 * IMAGES, found.toString());
    }

    @Test
    void leavesOutClassesWithTooFewImages() {
        List<TrainingImage> three = IntStream.range(0, IMAGES)
                .mapToObj(i -> i < 2 * LabelCheck.MIN_IMAGES_OF_CLASS - 2 && i % 2 == 0
                        ? with("rare", images.get(i))
                        : images.get(i))
                .toList();
        LabelIssues found = of(job(three, List.of("lying", "rare", "standing"), Progress.NONE, Checkpoints.NONE));
        assertEquals(List.of("rare"), found.leftOut());
        assertEquals(IMAGES - LabelCheck.MIN_IMAGES_OF_CLASS + 1, found.images());
        assertTrue(
                found.issues().stream().noneMatch(issue -> issue.likelyLabel().equals("rare")));
    }

    @Test
    void saysWhyLabelsAreNotChecked() {
        List<TrainingImage> few = images.subList(0, 2 * LabelCheck.MIN_IMAGES_OF_CLASS - 1);
        assertEquals(Reason.TOO_FEW_IMAGES, check(few).skipped().reason());
        Path none = folder.resolve("none.png");
        List<TrainingImage> many = IntStream.rangeClosed(0, LabelCheck.MAX_IMAGES)
                .mapToObj(i -> new TrainingImage(i + ".png", none, DrawnStripes.LABELS.get(i % 2), Split.TRAIN))
                .toList();
        LabelIssues skipped = check(many);
        assertEquals(Reason.TOO_MANY_IMAGES, skipped.skipped().reason());
        assertTrue(skipped.skipped().message().contains("got 10001 images of 2 classes"), skipped.toString());
        assertEquals(0, skipped.images());
    }

    @Test
    void usesTheFeaturesOfTheTraining(@TempDir Path other) throws IOException {
        List<TrainingImage> some = DrawnStripes.images(other, 40, 8, 0);
        Checkpoints saved = new FolderCheckpoints(other.resolve("checkpoints"));
        TrainingJob job = new TrainingJob(some, DrawnStripes.LABELS, BACKBONE, 3, 2, other, Progress.NONE, saved);
        LabelIssues before = of(job);
        new TransferRecipe().train(job, TransferParameters.DEFAULTS);
        String checkpoint = saved.latest().orElseThrow().name();
        for (TrainingImage image : some) {
            Files.delete(image.file());
        }
        assertEquals(before, of(job));
        assertEquals(checkpoint, saved.latest().orElseThrow().name(), "no checkpoint is written");
    }

    @Test
    void reportsItsEpochsAsAPhaseWithoutMetrics() {
        Map<String, Long> done = new TreeMap<>();
        Progress progress = new Progress() {
            @Override
            public void report(String phase, long now, long total, Map<String, Double> metrics) {
                assertTrue(now >= done.getOrDefault(phase, 0L), phase);
                assertTrue(now <= total, phase);
                assertEquals(Map.of(), metrics);
                done.put(phase, now);
            }

            @Override
            public boolean cancelled() {
                return false;
            }
        };
        List<TrainingImage> some = images.subList(0, 40);
        of(job(some, DrawnStripes.LABELS, progress, Checkpoints.NONE));
        assertEquals(Set.of("features", "label-check"), done.keySet());
        assertEquals(300, done.get("label-check"));
    }

    @Test
    void canBeCancelled() {
        Progress cancelled = new Progress() {
            @Override
            public void report(String phase, long done, long total, Map<String, Double> metrics) {}

            @Override
            public boolean cancelled() {
                return true;
            }
        };
        assertThrows(CancelledException.class, () -> of(job(images, DrawnStripes.LABELS, cancelled, Checkpoints.NONE)));
    }
}
