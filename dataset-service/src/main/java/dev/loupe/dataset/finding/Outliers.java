package dev.loupe.dataset.finding;

import dev.loupe.dataset.image.Image;
import dev.loupe.dataset.image.MeasuredImage;
import dev.loupe.dataset.quality.FindingKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Images that stand out from the images with the same label: by exposure, sharpness, size or shape. An image does if its
 * robust z-score (Iglewicz and Hoaglin, 1993) is beyond {@value #LIMIT}, and it also differs by an amount that people
 * can see. Where a label has fewer than {@value #FEWEST} images, they are compared with all images of the project.
 */
final class Outliers {
    /** Images that a median needs. */
    static final int FEWEST = 20;
    /** Limit of the robust z-score, as Iglewicz and Hoaglin recommend. */
    static final double LIMIT = 3.5;
    /** Smallest difference of the brightness, of 255. */
    static final double BRIGHTNESS = 40;
    /** Smallest difference of the share of black or white pixels. */
    static final double CLIPPED = 0.25;
    /** Smallest quotient of the median's sharpness and that of the image. */
    static final double BLURRED = 4;
    /** Smallest quotient of two sides: the square roots of the numbers of pixels. */
    static final double RESIZED = 2;
    /** Smallest quotient of two aspect ratios. */
    static final double RESHAPED = 1.5;

    private static final double NORMAL_CONSISTENCY = 0.6745;

    private final List<Observation> found = new ArrayList<>();

    private Outliers() {}

    /** Searches among the images of a project. */
    static List<Observation> find(List<MeasuredImage> images) {
        Outliers outliers = new Outliers();
        Map<String, List<MeasuredImage>> byLabel = images.stream()
                .filter(image -> image.image().label() != null)
                .collect(Collectors.groupingBy(image -> image.image().label()));
        byLabel.values().removeIf(some -> some.size() < FEWEST);
        Reference all = Reference.of(images);
        byLabel.forEach((label, some) -> {
            Reference reference = Reference.of(some);
            some.forEach(image -> outliers.check(image, reference, "of '" + label + "'"));
        });
        images.stream()
                .filter(image -> image.image().label() == null
                        || !byLabel.containsKey(image.image().label()))
                .forEach(image -> outliers.check(image, all, "of the project"));
        return outliers.found;
    }

    /** Median and median absolute deviation of a measure; without enough values, nothing stands out. */
    private record Centre(double median, double deviation) {
        static Centre of(List<MeasuredImage> images, ToDoubleFunction<MeasuredImage> measure) {
            double[] values = images.stream().mapToDouble(measure).sorted().toArray();
            if (values.length < FEWEST) {
                return new Centre(Double.NaN, Double.NaN);
            }
            double median = middle(values);
            double[] deviations = Arrays.stream(values)
                    .map(value -> Math.abs(value - median))
                    .sorted()
                    .toArray();
            return new Centre(median, middle(deviations));
        }

        /** Whether a value is at least this far from the median, and its robust z-score is beyond the limit. */
        boolean isOutlier(double value, double atLeast) {
            double difference = Math.abs(value - median);
            return difference >= atLeast && NORMAL_CONSISTENCY * difference > LIMIT * deviation;
        }
    }

    private record Reference(
            Centre brightness, Centre dark, Centre bright, Centre sharpness, Centre side, Centre shape) {
        static Reference of(List<MeasuredImage> images) {
            List<MeasuredImage> measured =
                    images.stream().filter(image -> image.properties() != null).toList();
            return new Reference(
                    Centre.of(measured, image -> image.properties().brightness()),
                    Centre.of(measured, image -> image.properties().darkShare()),
                    Centre.of(measured, image -> image.properties().brightShare()),
                    Centre.of(measured, image -> logSharpness(image.properties().sharpness())),
                    Centre.of(images, image -> logSide(image.image())),
                    Centre.of(images, image -> logShape(image.image())));
        }
    }

    private static double middle(double[] sorted) {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static double logSharpness(double sharpness) {
        return Math.log(Math.max(sharpness, 0.01));
    }

    private static double logSide(Image image) {
        return Math.log((double) image.width() * image.height()) / 2;
    }

    private static double logShape(Image image) {
        return Math.log((double) image.width() / image.height());
    }

    private void check(MeasuredImage image, Reference reference, String whose) {
        if (image.properties() != null) {
            exposure(image, reference, whose);
            blur(image, reference.sharpness(), whose);
        }
        size(image.image(), reference, whose);
    }

    private void exposure(MeasuredImage image, Reference reference, String whose) {
        double brightness = image.properties().brightness();
        double dark = image.properties().darkShare();
        double bright = image.properties().brightShare();
        if (reference.brightness().isOutlier(brightness, BRIGHTNESS)) {
            double median = reference.brightness().median();
            add(
                    FindingKind.EXPOSURE,
                    image,
                    Math.abs(brightness - median) / 255,
                    text(
                            "it is %s: its brightness is %.0f of 255, the median %s is %.0f",
                            brightness < median ? "very dark" : "very bright", brightness, whose, median),
                    Map.of("brightness", brightness, "median", median));
        } else if (dark > reference.dark().median() && reference.dark().isOutlier(dark, CLIPPED)) {
            addClipped(image, "black", dark, reference.dark().median(), whose);
        } else if (bright > reference.bright().median() && reference.bright().isOutlier(bright, CLIPPED)) {
            addClipped(image, "white", bright, reference.bright().median(), whose);
        }
    }

    private void addClipped(MeasuredImage image, String colour, double share, double median, String whose) {
        add(
                FindingKind.EXPOSURE,
                image,
                share - median,
                text("%.0f %% of it are %s, the median %s is %.0f %%", 100 * share, colour, whose, 100 * median),
                Map.of(colour + "Share", share, "median", median));
    }

    private void blur(MeasuredImage image, Centre centre, String whose) {
        double sharpness = image.properties().sharpness();
        double value = logSharpness(sharpness);
        if (value < centre.median() && centre.isOutlier(value, Math.log(BLURRED))) {
            double median = Math.exp(centre.median());
            add(
                    FindingKind.BLUR,
                    image,
                    1 - sharpness / median,
                    text("it is blurred: its sharpness is %.1f, the median %s is %.1f", sharpness, whose, median),
                    Map.of("sharpness", sharpness, "median", median));
        }
    }

    private void size(Image image, Reference reference, String whose) {
        MeasuredImage subject = new MeasuredImage(image, null);
        double side = logSide(image);
        double shape = logShape(image);
        if (reference.shape().isOutlier(shape, Math.log(RESHAPED))) {
            double median = Math.exp(reference.shape().median());
            add(
                    FindingKind.SIZE,
                    subject,
                    difference(shape, reference.shape()),
                    text(
                            "it has another shape: %d x %d pixels are %.2f times as wide as high, the median %s is %.2f",
                            image.width(), image.height(), Math.exp(shape), whose, median),
                    Map.of("aspectRatio", Math.exp(shape), "median", median));
        } else if (reference.side().isOutlier(side, Math.log(RESIZED))) {
            double median = Math.exp(reference.side().median());
            add(
                    FindingKind.SIZE,
                    subject,
                    difference(side, reference.side()),
                    text(
                            "it is %s: %d x %d pixels, as many as a square of %.0f pixels, the median %s is %.0f",
                            Math.exp(side) < median ? "small" : "large",
                            image.width(),
                            image.height(),
                            Math.exp(side),
                            whose,
                            median),
                    Map.of("side", Math.exp(side), "median", median));
        }
    }

    private static double difference(double value, Centre centre) {
        return 1 - Math.exp(-Math.abs(value - centre.median()));
    }

    private void add(FindingKind kind, MeasuredImage image, double rank, String message, Map<String, Double> figures) {
        Severity severity = kind == FindingKind.SIZE ? Severity.LOW : Severity.MEDIUM;
        List<String> images = List.of(image.image().sha256());
        found.add(Observation.ofImages(
                kind, severity, rank, "'" + image.image().name() + "': " + message, images, figures));
    }

    private static String text(String format, Object... figures) {
        return format.formatted(figures);
    }
}
