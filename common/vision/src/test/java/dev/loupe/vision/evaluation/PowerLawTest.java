package dev.loupe.vision.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

class PowerLawTest {
    private static final double[] IMAGES = {100, 200, 400, 800};

    /** The cases were written by src/test/python/power_law_reference.py with SciPy 1.17.1. */
    @Test
    void fitsAsScipyDoes() throws IOException {
        try (InputStream file = PowerLawTest.class.getResourceAsStream("power-law.json")) {
            for (JsonNode expected : new ObjectMapper().readTree(file)) {
                String name = expected.path("name").asText();
                double[] images = doubles(expected.path("images"));
                double[] errors = doubles(expected.path("errors"));
                PowerLaw law = PowerLaw.fit(images, errors);
                double n0 = law.n0();
                double squares = 0;
                for (int i = 0; i < images.length; i++) {
                    squares += Math.pow(errors[i] - law.at(images[i]), 2);
                }
                assertTrue(squares <= expected.path("squares").asDouble() + 1e-12, name + ": " + squares);
                assertEquals(expected.path("atN").asDouble(), law.at(n0), 1e-5, name);
                assertEquals(expected.path("gain").asDouble(), law.gainOfDoubling(n0), 1e-5, name);
            }
        }
    }

    private static double[] doubles(JsonNode values) {
        return StreamSupport.stream(values.spliterator(), false)
                .mapToDouble(JsonNode::asDouble)
                .toArray();
    }

    @Test
    void findsALawWithoutNoise() {
        double[] errors = new double[IMAGES.length];
        for (int i = 0; i < errors.length; i++) {
            errors[i] = 0.02 + 0.05 * Math.pow(IMAGES[i] / 800, -0.7);
        }
        PowerLaw law = PowerLaw.fit(IMAGES, errors);
        assertEquals(0.05, law.a(), 1e-6);
        assertEquals(0.7, law.b(), 1e-5);
        assertEquals(0.02, law.c(), 1e-6);
    }

    /** By hand: the error is 0.1 n0 / n, so from n to 2 n it falls by 0.05 n0 / n, which is 0.005 at 10 n0. */
    @Test
    void saysWhereDoublingNoLongerHelps() {
        PowerLaw law = new PowerLaw(800, 0.1, 1, 0.02);
        assertEquals(0.05, law.gainOfDoubling(800), 1e-12);
        assertEquals(0.025, law.gainOfDoubling(1600), 1e-12);
        assertEquals(8000, law.imagesWhereDoublingGains(0.005), 1e-6);
    }

    @Test
    void errorsThatDoNotFallPromiseNothing() {
        PowerLaw law = PowerLaw.fit(IMAGES, new double[] {0.2, 0.21, 0.2, 0.22});
        assertEquals(0, law.gainOfDoubling(800), 1e-12);
        assertEquals(0.2075, law.at(800), 1e-12);
        assertEquals(0, law.imagesWhereDoublingGains(0.005), 1e-12);
        PowerLaw perfect = PowerLaw.fit(IMAGES, new double[4]);
        assertEquals(0, perfect.at(100), 1e-12);
        assertEquals(0, perfect.gainOfDoubling(800), 1e-12);
    }
}
