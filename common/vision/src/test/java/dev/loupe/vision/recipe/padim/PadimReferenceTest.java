package dev.loupe.vision.recipe.padim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.Predictor;
import dev.loupe.model.backbone.Backbone.FeatureMap;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.model.onnx.OnnxSession.Tensor;
import dev.loupe.vision.anomaly.AnomalyGraph;
import dev.loupe.vision.anomaly.ImageScore;
import dev.loupe.vision.training.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** PaDiM against what src/test/python/padim_reference.py computes with NumPy and scikit-learn. */
class PadimReferenceTest {
    private static final int STRIDE = 4;

    /** A case of the reference; arrays as {@link PlaceStatistics} takes them. */
    record Case(
            int height,
            int width,
            int size,
            CovarianceEstimate covariance,
            double epsilon,
            List<float[]> train,
            float[] test,
            double[] distances,
            double[] map,
            double max,
            double top) {

        PlaceGaussians fit() {
            PlaceStatistics statistics = new PlaceStatistics(height * width, size);
            train.forEach(statistics::add);
            return statistics.fit(covariance, epsilon, Progress.NONE);
        }

        Preprocessing preprocessing() {
            return new Preprocessing(STRIDE * width, STRIDE * height, 1, new float[3], new float[] {1, 1, 1});
        }

        /** Runs the graph on the test features: score and map. */
        List<Tensor> run(ImageScore score) {
            OnnxGraph graph = OnnxGraph.create("padim");
            String input = graph.input("features", -1, height * width, size);
            String distances = fit().appendTo(graph, input);
            String map = AnomalyGraph.appendMap(
                    graph, distances, new FeatureMap("map", size, height, width, STRIDE), preprocessing());
            graph.output(score.appendTo(graph, map, preprocessing()), Predictor.ANOMALY_SCORE, -1);
            try (OnnxSession session = new OnnxSession(graph.toBytes(), 1)) {
                long[] shape = {1, height * width, size};
                return session.run(test, shape, List.of(Predictor.ANOMALY_SCORE, Predictor.ANOMALY_MAP));
            }
        }
    }

    static List<Case> cases() throws IOException {
        try (InputStream in = PadimReferenceTest.class.getResourceAsStream("padim.json")) {
            return List.of(new ObjectMapper().readValue(in, Case[].class));
        }
    }

    @Test
    void thereAreThirtyCases() throws IOException {
        assertEquals(30, cases().size());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void mahalanobisDistancesAreThoseOfTheReference(Case example) {
        PlaceGaussians gaussians = example.fit();
        int size = example.size();
        for (int place = 0; place < example.distances().length; place++) {
            double squares = 0;
            for (int column = 0; column < size; column++) {
                double sum = 0;
                for (int row = 0; row < size; row++) {
                    double difference =
                            example.test()[place * size + row] - gaussians.mean()[place * size + row];
                    sum += difference * gaussians.factors()[(place * size + row) * size + column];
                }
                squares += sum * sum;
            }
            assertEquals(1, Math.sqrt(squares) / example.distances()[place], 1e-6, "place " + place);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void mapAndScoresOfTheModelAreThoseOfTheReference(Case example) {
        List<Tensor> highest = example.run(ImageScore.MAX);
        assertEquals(1, highest.getFirst().values()[0] / example.max(), 1e-6);
        assertEquals(1, example.run(ImageScore.TOP_PERCENT).getFirst().values()[0] / example.top(), 1e-6);
        float[] map = highest.getLast().values();
        assertEquals(example.map().length, map.length);
        for (int i = 0; i < map.length; i++) {
            assertEquals(example.map()[i], map[i], 1e-6 * example.max(), "pixel " + i);
        }
    }

    @Test
    void imagesThatNeverDifferAreRefused() {
        PlaceStatistics statistics = new PlaceStatistics(4, 2);
        for (int i = 0; i < 5; i++) {
            statistics.add(new float[] {1, 2, 3, 4, 5, 6, 7, 8});
        }
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> statistics.fit(CovarianceEstimate.LEDOIT_WOLF, .01, Progress.NONE));
        assertTrue(refused.getMessage().contains("expected images that differ"), refused.getMessage());
    }
}
