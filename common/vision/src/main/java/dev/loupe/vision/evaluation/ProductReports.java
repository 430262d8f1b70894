package dev.loupe.vision.evaluation;

import dev.loupe.contracts.evaluation.EvaluationReport.Estimate;
import dev.loupe.contracts.evaluation.EvaluationReport.ProductReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Evaluates a detector for each product. */
public final class ProductReports {
    private static final String AUROC = "auroc";

    private ProductReports() {}

    /**
     * One report for each product, by name; none without products.
     *
     * @param scores scores of the images
     * @param products product of each image, null if none is known
     * @param nearest product whose memory each image is nearest to, null for a model that does not tell products apart
     * @param threshold score from which an image is abnormal
     * @param seed seed of the random numbers of the intervals
     */
    public static List<ProductReport> of(
            BinaryMetrics scores, List<String> products, List<String> nearest, double threshold, long seed) {
        SortedSet<String> names = new TreeSet<>(
                products.stream().filter(product -> product != null).toList());
        List<ProductReport> reports = new ArrayList<>();
        for (String name : names) {
            int[] images = IntStream.range(0, scores.size())
                    .filter(i -> name.equals(products.get(i)))
                    .toArray();
            reports.add(report(name, scores, images, nearest, threshold, seed));
        }
        return reports;
    }

    private static ProductReport report(
            String name, BinaryMetrics scores, int[] images, List<String> nearest, double threshold, long seed) {
        BinaryMetrics own = some(scores, images);
        int missed = 0;
        int falseAlarms = 0;
        int found = 0;
        boolean told = true;
        for (int image : images) {
            boolean anomalous = scores.score(image) >= threshold;
            missed += scores.isPositive(image) && !anomalous ? 1 : 0;
            falseAlarms += !scores.isPositive(image) && anomalous ? 1 : 0;
            told &= nearest.get(image) != null;
            found += name.equals(nearest.get(image)) ? 1 : 0;
        }
        return new ProductReport(
                name,
                own.negatives(),
                own.positives(),
                own.measurable() ? auroc(own, seed) : null,
                falseAlarms,
                missed,
                told ? found : null);
    }

    private static Estimate auroc(BinaryMetrics own, long seed) {
        int[] truth = IntStream.range(0, own.size())
                .map(i -> own.isPositive(i) ? 1 : 0)
                .toArray();
        return new Intervals(truth, seed)
                .measure(weights -> Map.of(AUROC, own.auroc(weights)))
                .get(AUROC);
    }

    /** The scores of some images. */
    public static BinaryMetrics some(BinaryMetrics scores, int[] images) {
        double[] values = new double[images.length];
        boolean[] positive = new boolean[images.length];
        for (int i = 0; i < images.length; i++) {
            values[i] = scores.score(images[i]);
            positive[i] = scores.isPositive(images[i]);
        }
        return new BinaryMetrics(values, positive);
    }
}
