package dev.loupe.vision.recipe.gaussian;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.model.onnx.OnnxSession.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The Gaussian against what src/test/python/gaussian_reference.py computes with scikit-learn. */
class FeatureGaussianTest {

    /** A case of the reference; vectors one after the other. */
    record Case(
            int cells,
            int count,
            double share,
            int components,
            double[] train,
            float[] test,
            double[] errors,
            double reconstruction,
            double mahalanobis,
            double noise) {

        FeatureGaussian fit() {
            return FeatureGaussian.fit(train, count, share);
        }

        /** Distances of the cells and of the image. */
        List<Tensor> run(GaussianDistance distance) {
            OnnxGraph graph = OnnxGraph.create("gaussian");
            String input = graph.input("vectors", -1, test.length);
            FeatureGaussian.Distances distances = fit().appendTo(graph, input, cells, distance);
            graph.output(distances.ofCells(), "cells", -1, cells);
            graph.output(distances.ofImage(), "image", -1);
            try (OnnxSession session = new OnnxSession(graph.toBytes(), 1)) {
                return session.run(test, new long[] {1, test.length}, List.of("cells", "image"));
            }
        }
    }

    static List<Case> cases() throws IOException {
        try (InputStream in = FeatureGaussianTest.class.getResourceAsStream("gaussian.json")) {
            return List.of(new ObjectMapper().readValue(in, Case[].class));
        }
    }

    @Test
    void thereAreThirtyCases() throws IOException {
        assertEquals(30, cases().size());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void componentsAndNoiseAreThoseOfScikitLearn(Case example) {
        FeatureGaussian gaussian = example.fit();
        assertEquals(example.components(), gaussian.components());
        assertEquals(1, gaussian.noise() / example.noise(), 1e-6);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void reconstructionErrorsAreThoseOfScikitLearn(Case example) {
        List<Tensor> outputs = example.run(GaussianDistance.RECONSTRUCTION);
        for (int cell = 0; cell < example.cells(); cell++) {
            assertEquals(
                    example.errors()[cell],
                    outputs.getFirst().values()[cell],
                    1e-6 * Math.max(1, example.errors()[cell]),
                    "cell " + cell);
        }
        assertEquals(
                example.reconstruction(), outputs.getLast().values()[0], 1e-6 * Math.max(1, example.reconstruction()));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void mahalanobisDistancesAreThoseOfScikitLearn(Case example) {
        List<Tensor> outputs = example.run(GaussianDistance.MAHALANOBIS);
        assertEquals(1, outputs.getLast().values()[0] / example.mahalanobis(), 1e-5);
        for (int cell = 0; cell < example.cells(); cell++) {
            // The reconstruction error is known to 1e-6, as above.
            double expected = example.errors()[cell] / Math.sqrt(example.noise());
            double tolerance = 1e-6 / Math.sqrt(example.noise()) * Math.max(1, example.errors()[cell]);
            assertEquals(expected, outputs.getFirst().values()[cell], tolerance);
        }
    }

    @Test
    void vectorsThatNeverDifferAreRefused() {
        double[] same = new double[5 * 4];
        Arrays.fill(same, 2);
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> FeatureGaussian.fit(same, 5, .9));
        assertTrue(refused.getMessage().contains("expected images that differ"), refused.getMessage());
    }
}
