package dev.loupe.vision.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.contracts.evaluation.EvaluationReport;
import dev.loupe.contracts.evaluation.EvaluationReport.Average;
import dev.loupe.contracts.evaluation.EvaluationReport.ClassReport;
import dev.loupe.contracts.evaluation.EvaluationReport.CurvePoint;
import dev.loupe.contracts.evaluation.EvaluationReport.Estimate;
import dev.loupe.contracts.evaluation.EvaluationReport.ScoreBin;
import dev.loupe.vision.training.ModelEvaluation;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The expected figures are those of scikit-learn, scipy and numpy: {@code src/test/python/metrics_reference.py}. */
class EvaluationReportTest {
    private static final double EXACT = 1e-9;
    private static final List<String> KINDS = List.of("normal", "abnormal");

    private static JsonNode reference;

    @BeforeAll
    static void readReference() throws IOException {
        try (InputStream file = EvaluationReportTest.class.getResourceAsStream("metrics.json")) {
            reference = new ObjectMapper().readTree(file);
        }
    }

    private static double[] numbers(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToDouble(JsonNode::asDouble)
                .toArray();
    }

    private static ClassProbabilities probabilities(JsonNode item) {
        return new ClassProbabilities(
                item.path("classes").asInt(),
                StreamSupport.stream(item.path("truth").spliterator(), false)
                        .mapToInt(JsonNode::asInt)
                        .toArray(),
                StreamSupport.stream(item.path("rows").spliterator(), false)
                        .map(EvaluationReportTest::numbers)
                        .toArray(double[][]::new));
    }

    private static EvaluationReport classifier(JsonNode item) {
        List<String> labels = IntStream.range(0, item.path("classes").asInt())
                .mapToObj(i -> "class " + i)
                .toList();
        return ClassificationReport.of(labels, probabilities(item), probabilities(item), 1);
    }

    private static BinaryMetrics scores(JsonNode item) {
        boolean[] abnormal = new boolean[item.path("abnormal").size()];
        for (int i = 0; i < abnormal.length; i++) {
            abnormal[i] = item.path("abnormal").get(i).asBoolean();
        }
        return new BinaryMetrics(numbers(item.path("scores")), abnormal);
    }

    private static EvaluationReport detector(JsonNode item) {
        return AnomalyReport.of(KINDS, scores(item), item.path("threshold").asDouble(), 1);
    }

    private static void assertMetrics(JsonNode expected, EvaluationReport report) {
        expected.properties().forEach(metric -> {
            Estimate estimate = report.metrics().get(metric.getKey());
            if (metric.getValue().isNull()) {
                assertNull(estimate, metric.getKey());
                return;
            }
            assertNotNull(estimate, metric.getKey());
            assertEquals(metric.getValue().asDouble(), estimate.value(), EXACT, metric.getKey());
        });
        assertEquals(
                StreamSupport.stream(expected.spliterator(), false)
                        .filter(value -> !value.isNull())
                        .count(),
                report.metrics().size(),
                report.metrics().keySet().toString());
    }

    @Test
    void metricsOfClassifiersAreScikitLearns() {
        assertEquals(25, reference.path("classifiers").size());
        reference.path("classifiers").forEach(item -> assertMetrics(item.path("metrics"), classifier(item)));
    }

    @Test
    void metricsOfDetectorsAreScikitLearns() {
        assertEquals(25, reference.path("detectors").size());
        reference.path("detectors").forEach(item -> {
            EvaluationReport report = detector(item);
            assertMetrics(item.path("metrics"), report);
            report.confusion()
                    .forEach(cell -> assertEquals(
                            item.path("confusion")
                                    .get(KINDS.indexOf(cell.truth()))
                                    .get(KINDS.indexOf(cell.predicted()))
                                    .asInt(),
                            cell.images()));
        });
    }

    @Test
    void figuresOfEachClassAreScikitLearns() {
        reference.path("classifiers").forEach(item -> {
            EvaluationReport report = classifier(item);
            for (int i = 0; i < report.classes().size(); i++) {
                JsonNode expected = item.path("perClass").get(i);
                ClassReport found = report.classes().get(i);
                assertEquals(expected.path("support").asInt(), found.support());
                assertEquals(expected.path("precision").asDouble(), found.precision(), EXACT);
                assertEquals(expected.path("recall").asDouble(), found.recall(), EXACT);
                assertEquals(expected.path("f1").asDouble(), found.f1(), EXACT);
                if (expected.path("auroc").isNull()) {
                    assertNull(found.auroc());
                    assertNull(found.roc());
                } else {
                    assertEquals(expected.path("auroc").asDouble(), found.auroc(), EXACT);
                    assertEquals(expected.path("averagePrecision").asDouble(), found.averagePrecision(), EXACT);
                }
            }
            assertAverage(item.at("/averages/micro"), report.averages().micro());
            assertAverage(item.at("/averages/macro"), report.averages().macro());
            assertAverage(item.at("/averages/weighted"), report.averages().weighted());
        });
    }

    private static void assertAverage(JsonNode expected, Average average) {
        assertEquals(expected.get(0).asDouble(), average.precision(), EXACT);
        assertEquals(expected.get(1).asDouble(), average.recall(), EXACT);
        assertEquals(expected.get(2).asDouble(), average.f1(), EXACT);
    }

    @Test
    void curvesAreScikitLearns() {
        reference.path("detectors").forEach(item -> {
            assertCurve(item.path("roc"), scores(item).roc());
            assertCurve(item.path("precisionRecall"), scores(item).precisionRecall());
        });
    }

    private static void assertCurve(JsonNode expected, List<CurvePoint> points) {
        assertEquals(expected.get(0).size(), points.size());
        for (int i = 0; i < points.size(); i++) {
            assertEquals(expected.get(0).get(i).asDouble(), points.get(i).x(), EXACT);
            assertEquals(expected.get(1).get(i).asDouble(), points.get(i).y(), EXACT);
        }
    }

    /** Scipy stops where the log loss no longer changes, so the temperature has fewer digits than the log loss. */
    @Test
    void temperatureHasTheLeastLogLoss() {
        reference.path("classifiers").forEach(item -> {
            EvaluationReport.Temperature temperature =
                    classifier(item).calibration().temperature();
            assertEquals(item.path("scaledLogLoss").asDouble(), temperature.logLoss(), EXACT);
            assertEquals(item.path("temperature").asDouble(), temperature.value(), 1e-4 * temperature.value());
        });
    }

    /** The two bootstraps draw other numbers: of 1000 resamples, an end of an interval varies by some hundredths. */
    @Test
    void intervalsAreThoseOfAnotherBootstrap() {
        JsonNode item = reference.path("intervals");
        EvaluationReport report = detector(item);
        for (String name : List.of("accuracy", "auroc")) {
            Estimate estimate = report.metrics().get(name);
            assertEquals(item.path(name).get(0).asDouble(), estimate.low(), 0.012, name);
            assertEquals(item.path(name).get(1).asDouble(), estimate.high(), 0.012, name);
        }
        assertTrue(report.bootstrap().stratified());
        assertEquals(report, detector(item), "the same seed gives the same intervals");
    }

    @Test
    void ratesOfFalseAlarmsAndMissesHaveExactIntervals() {
        for (JsonNode item : reference.path("detectors")) {
            EvaluationReport report = detector(item);
            item.path("intervals").properties().forEach(rate -> {
                Estimate estimate = report.metrics().get(rate.getKey());
                assertEquals(rate.getValue().get(0).asDouble(), estimate.low(), EXACT, rate.getKey());
                assertEquals(rate.getValue().get(1).asDouble(), estimate.high(), EXACT, rate.getKey());
            });
        }
    }

    @Test
    void normalImagesAloneHaveNoFigureOfAbnormalOnes() {
        BinaryMetrics scores = new BinaryMetrics(new double[] {0.1, 0.2, 0.9}, new boolean[3]);
        EvaluationReport report = AnomalyReport.of(List.of("normal", "abnormal"), scores, 0.5, 1);
        assertEquals(
                Set.of("accuracy", "balancedAccuracy", "falsePositiveRate"),
                report.metrics().keySet());
        assertEquals(1.0 / 3, report.metrics().get("falsePositiveRate").value(), EXACT);
        assertEquals(2.0 / 3, report.metrics().get("accuracy").value(), EXACT);
        assertEquals(Set.of("accuracy"), ModelEvaluation.metrics(scores, 0.5).keySet());
    }

    @Test
    void longCurvesKeepTheirShape() {
        SplittableRandom random = new SplittableRandom(5);
        double[] scores = new double[20_000];
        boolean[] positive = new boolean[scores.length];
        for (int i = 0; i < scores.length; i++) {
            positive[i] = i % 3 == 0;
            scores[i] = random.nextGaussian() + (positive[i] ? 1.5 : 0);
        }
        BinaryMetrics metrics = new BinaryMetrics(scores, positive);
        List<CurvePoint> roc = CurvePoints.thin(metrics.roc());
        assertEquals(CurvePoints.MAX, roc.size());
        assertEquals(metrics.auroc(), area(roc), 2e-3);
        List<CurvePoint> precisionRecall = CurvePoints.thin(metrics.precisionRecall());
        assertEquals(CurvePoints.MAX, precisionRecall.size());
        assertEquals(metrics.averagePrecision(), area(precisionRecall), 5e-3);
        assertEquals(new CurvePoint(0, 1, null), precisionRecall.getFirst());
        assertEquals(1, precisionRecall.getLast().x());
    }

    private static double area(List<CurvePoint> points) {
        return IntStream.range(1, points.size())
                .mapToDouble(i -> (points.get(i).x() - points.get(i - 1).x())
                        * (points.get(i).y() + points.get(i - 1).y())
                        / 2)
                .sum();
    }

    @Test
    void histogramHasEachImageOnce() {
        JsonNode item = reference.path("detectors").get(0);
        List<ScoreBin> histogram = detector(item).detection().histogram();
        assertEquals(AnomalyReport.BINS, histogram.size());
        assertEquals(
                item.path("scores").size(),
                histogram.stream()
                        .mapToInt(bin -> bin.normal() + bin.abnormal())
                        .sum());
    }

    @Test
    void imagesOfOneKindHaveNoCurve() {
        BinaryMetrics normal = new BinaryMetrics(new double[] {1, 1, 1}, new boolean[3]);
        EvaluationReport report = AnomalyReport.of(KINDS, normal, 2, 1);
        assertEquals(1, report.metrics().get("accuracy").value());
        assertNull(report.metrics().get("auroc"));
        assertNull(report.metrics().get("kappa"));
        assertNull(report.classes().get(1).roc());
    }
}
