package dev.loupe.vision.evaluation;

import dev.loupe.contracts.evaluation.EvaluationReport.Estimate;
import dev.loupe.contracts.evaluation.EvaluationReport.Localization;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Collects the anomaly scores of the pixels of many images, and measures how well they find the defects. Not thread-safe;
 * the same images in the same order give the same figures.
 *
 * <p>The memory is bounded: while at most {@value #MAX_SCORES} different scores occur, the figures are exact. Above, the low
 * bits of all scores are dropped, one after the other, so that scores closer than {@link Localization#scoreStep} may count
 * as equal. The AUROC then errs by at most half the share of the pairs of a defective and a normal pixel that have become
 * equal.
 */
public final class PixelScores {
    /** False-positive rate up to which AUPRO is measured, as MVTec AD does. */
    public static final double LIMIT = 0.3;
    /** Most different scores of normal and of defective pixels that are distinguished. */
    static final int MAX_SCORES = 1 << 22;
    /** Most different scores of single images that resamples are computed with. */
    private static final int MAX_RESAMPLED = 1 << 20;
    /** Low bits of a float's 23 that resamples always ignore: their scores differ by at least 0.4 %. */
    private static final int RESAMPLED_BITS = 15;

    private static final int MANTISSA_BITS = 23;

    private final int maxScores;
    private final List<PixelSample> images = new ArrayList<>();
    private final Map<String, Defects> kinds = new TreeMap<>();
    private ScoreWeights normal = ScoreWeights.NONE;
    private int bits;
    private int resampledBits = RESAMPLED_BITS;
    private long resampled;
    private int withoutMask;

    /** The defective pixels of the images with one kind of defect. */
    private record Defects(int regions, ScoreWeights defective, ScoreWeights overlap) {
        private static final Defects NONE = new Defects(0, ScoreWeights.NONE, ScoreWeights.NONE);

        private Defects plus(Defects other) {
            return new Defects(regions + other.regions, defective.plus(other.defective), overlap.plus(other.overlap));
        }

        private Defects coarse(int bits) {
            return new Defects(regions, defective.coarse(bits), overlap.coarse(bits));
        }

        private int size() {
            return defective.size() + overlap.size();
        }
    }

    public PixelScores() {
        this(MAX_SCORES);
    }

    PixelScores(int maxScores) {
        this.maxScores = maxScores;
    }

    /** Adds the pixels of an image. */
    public void add(PixelSample image) {
        PixelSample rounded = image.coarse(bits);
        normal = normal.plus(rounded.normal());
        if (image.regions() > 0) {
            kinds.merge(
                    image.defect() == null ? "" : image.defect(),
                    new Defects(image.regions(), rounded.defective(), rounded.overlap()),
                    Defects::plus);
        }
        while (bits < Integer.SIZE - 1 && size() > maxScores) {
            bits++;
            normal = normal.coarse(bits);
            kinds.replaceAll((_, defects) -> defects.coarse(bits));
        }
        keepForResamples(image);
    }

    /** Counts an abnormal image that is left out, because its defects are not marked. */
    public void addWithoutMask() {
        withoutMask++;
    }

    private int size() {
        return normal.size() + kinds.values().stream().mapToInt(Defects::size).sum();
    }

    private void keepForResamples(PixelSample image) {
        images.add(image.coarse(resampledBits));
        resampled += images.getLast().size();
        while (resampledBits < Integer.SIZE - 1 && resampled > MAX_RESAMPLED) {
            resampledBits++;
            images.replaceAll(one -> one.coarse(resampledBits));
            resampled = images.stream().mapToLong(PixelSample::size).sum();
        }
    }

    /** Whether there are normal pixels and a defect. */
    public boolean measurable() {
        return normal.size() > 0 && !kinds.isEmpty();
    }

    /** What was measured. */
    Localization description() {
        Defects all = all();
        double defective = all.defective().total();
        return new Localization(
                images.size(),
                withoutMask,
                Math.round(normal.total() + defective),
                Math.round(defective),
                all.regions(),
                LIMIT,
                bits == 0 ? 0 : Math.scalb(1.0, bits - MANTISSA_BITS));
    }

    /** {@code pixelAuroc}, {@code pixelAveragePrecision} and {@code aupro}; empty unless {@link #measurable()}. */
    public Map<String, Double> metrics() {
        Defects all = all();
        return measurable() ? metrics(normal, all.defective(), all.overlap(), all.regions()) : Map.of();
    }

    /** The metrics with intervals from resamples of the images; empty unless {@link #measurable()}. */
    Map<String, Estimate> estimates(long seed) {
        Map<String, Double> exact = metrics();
        if (exact.isEmpty()) {
            return Map.of();
        }
        Map<String, Estimate> coarse = new PixelResamples(images).estimates(seed);
        Map<String, Estimate> estimates = new LinkedHashMap<>();
        exact.forEach((name, value) -> estimates.put(name, moved(coarse.get(name), value)));
        return estimates;
    }

    /** The interval that coarse scores give, moved by what the metric differs. */
    private static Estimate moved(Estimate coarse, double value) {
        if (coarse == null || coarse.low() == null) {
            return new Estimate(value, null, null);
        }
        double difference = value - coarse.value();
        return new Estimate(
                value,
                Math.clamp(coarse.low() + difference, 0, value),
                Math.clamp(coarse.high() + difference, value, 1));
    }

    static Map<String, Double> metrics(
            ScoreWeights normal, ScoreWeights defective, ScoreWeights overlap, double regions) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("pixelAuroc", PixelCurve.auroc(normal, defective));
        metrics.put("pixelAveragePrecision", PixelCurve.averagePrecision(normal, defective));
        metrics.put("aupro", PixelCurve.aupro(normal, overlap, regions, LIMIT));
        return metrics;
    }

    /** Number of regions of a kind of defect. */
    int regions(String defect) {
        return kinds.getOrDefault(defect, Defects.NONE).regions();
    }

    /** AUPRO of the regions of a kind of defect, with the normal pixels of all images; null without such regions. */
    Double aupro(String defect) {
        Defects ofKind = kinds.getOrDefault(defect, Defects.NONE);
        return ofKind.regions() == 0 || normal.size() == 0
                ? null
                : PixelCurve.aupro(normal, ofKind.overlap(), ofKind.regions(), LIMIT);
    }

    private Defects all() {
        Collection<Defects> each = kinds.values();
        return each.stream().reduce(Defects.NONE, Defects::plus);
    }
}
