package dev.loupe.contracts.evaluation;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.contracts.Task;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The figures of an evaluation. The definitions are those of scikit-learn 1.x; a figure that is not defined for these
 * images is left out.
 *
 * @param task task of the model
 * @param labels labels of the model; for an anomaly detector the normal label, then the abnormal one
 * @param images number of images
 * @param metrics metrics by name, with their intervals
 * @param bootstrap how the intervals were computed
 * @param classes one report for each label, in the order of the labels
 * @param averages averages over the labels
 * @param confusion numbers of images by true and predicted label, those that occur
 * @param calibration whether probabilities are right; null for an anomaly detector
 * @param detection threshold and scores of an anomaly detector; null for a classifier
 */
@JsonInclude(Include.NON_NULL)
public record EvaluationReport(
        Task task,
        List<String> labels,
        int images,
        Map<String, Estimate> metrics,
        Bootstrap bootstrap,
        List<ClassReport> classes,
        Averages averages,
        List<ConfusionCell> confusion,
        Calibration calibration,
        Detection detection) {

    /** The same report on a detector, with how it does with a part of its memory. */
    public EvaluationReport with(MemoryCurve curve) {
        return with(detection.with(curve));
    }

    /** The same report on a detector, with a report for each product. */
    public EvaluationReport withProducts(List<ProductReport> reports) {
        return with(detection.withProducts(reports));
    }

    private EvaluationReport with(Detection other) {
        return new EvaluationReport(
                task, labels, images, metrics, bootstrap, classes, averages, confusion, calibration, other);
    }

    public EvaluationReport {
        labels = List.copyOf(labels);
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
        classes = List.copyOf(classes);
        confusion = List.copyOf(confusion);
    }

    /**
     * The value of a metric.
     *
     * @param value measured on all images
     * @param low lower end of its interval, null without an interval
     * @param high upper end of its interval, null without an interval
     */
    @JsonInclude(Include.NON_NULL)
    public record Estimate(double value, Double low, Double high) {}

    /**
     * How intervals are computed: from percentiles of the metric on resamples of the images.
     *
     * @param resamples number of resamples
     * @param confidence share of the resamples that lie in an interval
     * @param stratified whether each resample has as many images of each true label as the images have
     * @param seed seed of the random numbers
     */
    public record Bootstrap(int resamples, double confidence, boolean stratified, long seed) {}

    /**
     * The report on one label.
     *
     * @param label the label
     * @param support number of images with this true label
     * @param predicted number of images with this predicted label
     * @param precision share of the images predicted as it that have it; 0 without such images
     * @param recall share of the images that have it that are predicted as it; 0 without such images
     * @param f1 harmonic mean of precision and recall
     * @param auroc area under {@code roc}, null if all images have the label or none has
     * @param averagePrecision area under {@code precisionRecall}, null if all images have the label or none has
     * @param roc false-positive rate (x) and true-positive rate (y); null for labels without a curve
     * @param precisionRecall recall (x) and precision (y); null for labels without a curve
     */
    @JsonInclude(Include.NON_NULL)
    public record ClassReport(
            String label,
            int support,
            int predicted,
            double precision,
            double recall,
            double f1,
            Double auroc,
            Double averagePrecision,
            List<CurvePoint> roc,
            List<CurvePoint> precisionRecall) {}

    /**
     * A point of a curve.
     *
     * @param x horizontal coordinate
     * @param y vertical coordinate
     * @param threshold images with at least this score are positive; null for the first point, where none is
     */
    @JsonInclude(Include.NON_NULL)
    public record CurvePoint(double x, double y, Double threshold) {}

    /**
     * Averages over labels.
     *
     * @param micro of all predictions together
     * @param macro each label counts the same; labels that neither occur nor are predicted do not count
     * @param weighted each label counts by the number of its images
     */
    public record Averages(Average micro, Average macro, Average weighted) {}

    /** Averages of precision, recall and F1. */
    public record Average(double precision, double recall, double f1) {}

    /** The number of images with a true and a predicted label. */
    public record ConfusionCell(String truth, String predicted, int images) {}

    /**
     * Whether the probability of the predicted label is the share of right predictions.
     *
     * @param bins predictions by probability, in bins of equal width
     * @param temperature what would make the probabilities better; null without DEV images
     */
    @JsonInclude(Include.NON_NULL)
    public record Calibration(List<CalibrationBin> bins, Temperature temperature) {
        public Calibration {
            bins = List.copyOf(bins);
        }
    }

    /**
     * Predictions whose probability is in a range.
     *
     * @param low lower end, exclusive
     * @param high upper end, inclusive
     * @param images number of images
     * @param confidence mean probability of the predicted label; null without images
     * @param accuracy share of right predictions; null without images
     */
    @JsonInclude(Include.NON_NULL)
    public record CalibrationBin(double low, double high, int images, Double confidence, Double accuracy) {}

    /**
     * Temperature scaling: probabilities are proportional to {@code p^(1/temperature)}. The model does not apply it.
     *
     * @param value temperature with the least log loss on DEV, 0.05..20; above 1 the model is too sure
     * @param devImages number of DEV images
     * @param ece expected calibration error on the images of this report, with the temperature
     * @param logLoss log loss on the images of this report, with the temperature
     */
    public record Temperature(double value, int devImages, double ece, double logLoss) {}

    /**
     * Scores of an anomaly detector.
     *
     * @param threshold score from which an image is abnormal
     * @param histogram numbers of images by score, in bins of equal width
     * @param localization what the metrics of pixels were measured on; null without masks
     * @param defects one report for each kind of defect, by name; empty without kinds, and in evaluations by older trainers
     * @param memoryCurve how the detector does on DEV with a part of its memory; null for one without a memory, and in
     *     evaluations that no training made
     * @param products one report for each product, by name; empty if the images have none
     */
    @JsonInclude(Include.NON_NULL)
    public record Detection(
            double threshold,
            List<ScoreBin> histogram,
            Localization localization,
            @JsonInclude(Include.NON_EMPTY) List<DefectReport> defects,
            MemoryCurve memoryCurve,
            @JsonInclude(Include.NON_EMPTY) List<ProductReport> products) {
        public Detection {
            histogram = List.copyOf(histogram);
            products = products == null ? List.of() : List.copyOf(products);
            defects = defects == null ? List.of() : List.copyOf(defects);
        }

        /** Scores of a detector that was evaluated without masks and kinds of defects. */
        public Detection(double threshold, List<ScoreBin> histogram) {
            this(threshold, histogram, null, List.of(), null, List.of());
        }

        /** The same scores, with how the detector does with a part of its memory. */
        public Detection with(MemoryCurve curve) {
            return new Detection(threshold, histogram, localization, defects, curve, products);
        }

        /** The same scores, with a report for each product. */
        public Detection withProducts(List<ProductReport> reports) {
            return new Detection(threshold, histogram, localization, defects, memoryCurve, reports);
        }
    }

    /**
     * How a detector does on DEV with the first patches of its memory, in the order of their selection: what a memory of that
     * size does.
     *
     * @param metric {@code auroc}; without abnormal DEV images {@code distance}, the mean distance of the places of normal
     *     images to the memory, of which less is better
     * @param images number of DEV images that it was measured on
     * @param points the sizes and the metric, ascending; the last one is the whole memory
     * @param enough the smallest of these sizes from which on more patches do not help; null if the whole memory still helps
     * @param note what the curve shows, in a sentence
     */
    @JsonInclude(Include.NON_NULL)
    public record MemoryCurve(String metric, int images, List<MemoryPoint> points, Integer enough, String note) {
        public MemoryCurve {
            points = List.copyOf(points);
        }
    }

    /**
     * The report on the images of a product.
     *
     * @param product name of the product
     * @param normal number of normal images
     * @param abnormal number of abnormal images
     * @param auroc AUROC of these images alone; null if not both are there
     * @param falseAlarms number of normal images that the model calls abnormal
     * @param misses number of abnormal images that the model calls normal
     * @param nearest number of images that are nearest to the memory of this product, thus judged alike without being told the
     *     product; null if the model does not tell products apart
     */
    @JsonInclude(Include.NON_NULL)
    public record ProductReport(
            String product, int normal, int abnormal, Estimate auroc, int falseAlarms, int misses, Integer nearest) {}

    /** The metric with a number of patches. */
    public record MemoryPoint(int patches, double value) {}

    /**
     * What {@code pixelAuroc}, {@code pixelAveragePrecision} and {@code aupro} were measured on: the pixels of the normal
     * images and of the abnormal images with a mask.
     *
     * @param images number of these images
     * @param withoutMask number of abnormal images that were left out, because they have no mask or one without a defect
     * @param pixels number of pixels
     * @param defectivePixels number of pixels that the masks mark
     * @param regions number of regions of defective pixels that touch each other at a side or a corner
     * @param limit false-positive rate up to which {@code aupro} is measured
     * @param scoreStep relative distance of scores below which they counted as equal; 0 if only equal ones did
     */
    public record Localization(
            int images,
            int withoutMask,
            long pixels,
            long defectivePixels,
            int regions,
            double limit,
            double scoreStep) {}

    /**
     * The report on a kind of defect.
     *
     * @param defect name of the kind
     * @param images number of images with it
     * @param found number of these that the model calls abnormal
     * @param regions number of regions in their masks
     * @param aupro area under the overlap of these regions, with the false-positive rate of all normal pixels; null
     *     without masks
     */
    @JsonInclude(Include.NON_NULL)
    public record DefectReport(String defect, int images, int found, int regions, Double aupro) {}

    /**
     * Images whose score is in a range.
     *
     * @param low lower end, inclusive
     * @param high upper end, exclusive; inclusive in the last bin
     * @param normal number of normal images
     * @param abnormal number of abnormal images
     */
    public record ScoreBin(double low, double high, int normal, int abnormal) {}
}
