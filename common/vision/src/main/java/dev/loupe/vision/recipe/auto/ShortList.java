package dev.loupe.vision.recipe.auto;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.vision.net.RandomBackbones;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is worth trying for the images and the backbones of a job, in the order of its cost. */
final class ShortList {
    /** Least DEV images to choose by: with fewer, the best of several candidates is the best by chance. */
    static final int MIN_DEV_IMAGES = 20;
    /** Number of backbones that are tried with all images; of more, the best ones of a trial with few images. */
    static final int MAX_BACKBONES = 3;

    /** Name of the control. */
    static final String CONTROL = "control";

    /** Most TRAIN images for a kernel SVM, whose time and memory are quadratic in their number. */
    static final int MAX_KERNEL_IMAGES = 2000;

    /** Fewest wrong DEV images of the best candidate for a refinement: with fewer, it could hardly show that it is better. */
    static final int MIN_WRONG_IMAGES = 5;

    private static final int PROBE_IMAGES = 400;

    /**
     * On DEV of the printed boards .933 are right, and .917 with the defaults. With 96 pixels in place of 64 the network
     * learned more slowly, and shifted images cost accuracy.
     */
    private static final Map<String, Object> LONGER =
            Map.of("epochs", 60, "patience", 30, "flipVertical", true, "labelSmoothing", .1);

    private ShortList() {}

    /** A reason why there is nothing to choose by, in which case the first candidate is taken; empty otherwise. */
    static Optional<String> nothingToChooseBy(TrainingJob job) {
        int dev = job.images(Split.DEV).size();
        return dev >= MIN_DEV_IMAGES
                ? Optional.empty()
                : Optional.of("there are " + dev + " DEV images, too few to choose by: " + MIN_DEV_IMAGES
                        + " or more are needed");
    }

    /** A trial of each backbone with few images; empty if there are few backbones. */
    static List<Candidate> probes(TrainingJob job) {
        return job.backbones().size() <= MAX_BACKBONES
                ? List.of()
                : job.backbones().stream()
                        .map(backbone -> transfer("probe of " + backbone.name(), backbone, true))
                        .toList();
    }

    /**
     * The backbones that are tried with all images.
     *
     * @param probed DEV accuracy by the name of the backbone; empty without probes
     */
    static List<Backbone> backbones(TrainingJob job, Map<String, Double> probed) {
        List<Backbone> backbones = new ArrayList<>(job.backbones());
        if (!probed.isEmpty()) {
            // The sort is stable: of equals, the first ones.
            backbones.sort(Comparator.comparing(
                    (Backbone backbone) -> probed.getOrDefault(backbone.name(), 0.0), Comparator.reverseOrder()));
            backbones.subList(MAX_BACKBONES, backbones.size()).clear();
        }
        return backbones;
    }

    /**
     * The candidates: first one for each backbone, then the others. Their number does not depend on the best backbone.
     *
     * @param best the backbone whose features a kernel SVM learns from
     */
    static List<Candidate> of(TrainingJob job, List<Backbone> backbones, Backbone best) {
        List<Candidate> candidates = new ArrayList<>();
        for (Backbone backbone : backbones) {
            candidates.add(transfer("transfer with " + backbone.name(), backbone, false));
        }
        if (job.images(Split.TRAIN).size() <= MAX_KERNEL_IMAGES) {
            candidates.add(new Candidate(
                    "classical with " + best.name(),
                    new Recipe("classical", Map.of("backbone", best.name())),
                    best,
                    false));
        }
        candidates.add(new Candidate("scratch", Recipe.of("scratch"), null, false));
        return candidates;
    }

    /**
     * A candidate that costs more, and goes on where the best one so far leads: the backbone itself learns, or the network
     * from scratch learns longer. Empty if there is little to gain, or the backbone has no weights to learn from.
     *
     * @param best the best candidate so far
     * @param wrong how many DEV images it has wrong
     */
    static Optional<Candidate> refinement(Candidate best, long wrong) {
        if (wrong < MIN_WRONG_IMAGES) {
            return Optional.empty();
        }
        if (best.backbone() == null) {
            return Optional.of(new Candidate("scratch, longer", new Recipe("scratch", LONGER), null, false));
        }
        String name = best.backbone().name();
        return BackboneName.BUILT_IN.contains(name)
                ? Optional.empty()
                : Optional.of(new Candidate(
                        "finetune of " + name,
                        new Recipe("finetune", Map.of("backbone", name)),
                        best.backbone(),
                        false));
    }

    /** The control: features of a network with random weights. */
    static Candidate control(TrainingJob job) {
        return new Candidate(
                CONTROL,
                new Recipe("transfer", Map.of("backbone", BackboneName.RANDOM)),
                RandomBackbones.mobileNet(job.seed()),
                true);
    }

    private static Candidate transfer(String name, Backbone backbone, boolean measureOnly) {
        return new Candidate(name, new Recipe("transfer", Map.of("backbone", backbone.name())), backbone, measureOnly);
    }

    /** The images of a probe: the first ones of each label in TRAIN and DEV. */
    static List<TrainingImage> few(TrainingJob job) {
        int most = Math.max(2, PROBE_IMAGES / job.labels().size());
        Map<String, Integer> counts = new HashMap<>();
        return job.images().stream()
                .filter(image -> image.split() != Split.TEST)
                .filter(image -> counts.merge(image.split() + image.label(), 1, Integer::sum) <= most)
                .toList();
    }
}
