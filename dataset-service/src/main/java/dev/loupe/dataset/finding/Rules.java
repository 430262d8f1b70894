package dev.loupe.dataset.finding;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.dataset.image.Image;
import dev.loupe.dataset.image.MeasuredImage;
import dev.loupe.dataset.quality.FindingKind;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The rules for all kinds of findings about images; docs/reference/findings.md explains them.
 *
 * @param task task of the project
 * @param maxHashDistance most differing bits of the perceptual hashes of near duplicates
 */
record Rules(Task task, int maxHashDistance) {
    /** Kinds that a search finds. Findings of other kinds come from elsewhere, and a search leaves them as they are. */
    static final Set<FindingKind> KINDS = EnumSet.of(
            FindingKind.NEAR_DUPLICATES,
            FindingKind.EXPOSURE,
            FindingKind.BLUR,
            FindingKind.SIZE,
            FindingKind.LABEL_IMBALANCE,
            FindingKind.TOO_FEW_IMAGES,
            FindingKind.LITTLE_DIVERSITY);

    /** Increased with each change of the rules: findings are searched again. */
    private static final int VERSION = 1;

    private static final int NAMED_LABELS = 5;

    /** Identifies the rules: with the same identity, the same images have the same findings. */
    String identity() {
        return VERSION + "/" + maxHashDistance;
    }

    /** Searches the images of a project. */
    List<Observation> search(List<MeasuredImage> images) {
        // In anomaly detection a small defect, which a hash does not show, makes the difference between the labels.
        BiPredicate<MeasuredImage, MeasuredImage> comparable = task == Task.CLASSIFICATION
                ? (_, _) -> true
                : (one, other) ->
                        Objects.equals(one.image().label(), other.image().label());
        NearDuplicates duplicates = NearDuplicates.find(images, maxHashDistance, comparable);
        List<Observation> found = new ArrayList<>();
        duplicates.groups().forEach(group -> found.add(nearDuplicates(group)));
        if (task == Task.CLASSIFICATION) {
            diversity(images, duplicates, found);
        }
        found.addAll(Outliers.find(images));
        found.addAll(LabelBalance.find(
                task, images.stream().map(MeasuredImage::image).toList()));
        return found;
    }

    private static Observation nearDuplicates(List<MeasuredImage> group) {
        List<Image> images = group.stream().map(MeasuredImage::image).toList();
        List<String> labels = distinct(images, Image::label);
        List<String> splits = distinct(images, image -> name(image.split()));
        boolean unassigned = images.stream().anyMatch(image -> image.split() == null);
        int distance = NearDuplicates.distance(group);
        String message = "%d images look alike".formatted(images.size());
        Severity severity;
        if (splits.size() > 1 || labels.size() > 1) {
            severity = Severity.HIGH;
            message += Stream.of(
                            splits.size() > 1 ? " in " + String.join(", ", splits) : "",
                            labels.size() > 1 ? " with the labels " + shown(labels) : "")
                    .filter(text -> !text.isEmpty())
                    .collect(Collectors.joining(" and"));
        } else if (unassigned) {
            severity = Severity.MEDIUM;
            message += ": a freeze may put them into different splits";
        } else {
            severity = Severity.LOW;
            message += ": together they are little more than one image";
        }
        double both = splits.size() > 1 && labels.size() > 1 ? 0.5 : 0;
        return Observation.ofImages(
                FindingKind.NEAR_DUPLICATES,
                severity,
                both + (1 - distance / 64.0) / 2,
                message,
                images.stream().map(Image::sha256).toList(),
                Map.of("images", (double) images.size(), "hashDistance", (double) distance));
    }

    private static String name(Split split) {
        return split == null ? null : split.name();
    }

    private static List<String> distinct(List<Image> images, Function<Image, String> value) {
        return images.stream()
                .map(value)
                .filter(Objects::nonNull)
                .distinct()
                .sorted()
                .toList();
    }

    private static String shown(List<String> labels) {
        String shown = labels.stream()
                .limit(NAMED_LABELS)
                .map(label -> "'" + label + "'")
                .collect(Collectors.joining(", "));
        return labels.size() > NAMED_LABELS ? shown + " and %d others".formatted(labels.size() - NAMED_LABELS) : shown;
    }

    private static void diversity(List<MeasuredImage> images, NearDuplicates duplicates, List<Observation> found) {
        Map<String, Integer> measured = new HashMap<>();
        images.stream()
                .filter(image -> image.image().label() != null && image.properties() != null)
                .forEach(image -> measured.merge(image.image().label(), 1, Integer::sum));
        measured.forEach((label, all) -> {
            int alike = duplicates.alike(label);
            if (NearDuplicates.isMostlyAlike(alike, all)) {
                found.add(Observation.ofLabel(
                        FindingKind.LITTLE_DIVERSITY,
                        Severity.MEDIUM,
                        "class '%s': %d of %d images look like another one of it".formatted(label, alike, all),
                        label,
                        null,
                        Map.of("images", (double) all, "alike", (double) alike)));
            }
        });
    }
}
