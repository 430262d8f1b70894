package dev.loupe.model.backbone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.loupe.imaging.Pixels;
import dev.loupe.model.onnx.OnnxSession;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class HogTest {
    private static final int SIDE = 48;

    /** The reference is written by src/test/python/hog_reference.py, scikit-image 0.26.0. */
    @Test
    void featuresAreThoseOfScikitImage() throws IOException {
        double[] expected;
        try (InputStream in = HogTest.class.getResourceAsStream("hog.csv")) {
            expected = Arrays.stream(new String(in.readAllBytes(), StandardCharsets.UTF_8).split("[,\n]"))
                    .mapToDouble(Double::parseDouble)
                    .toArray();
        }
        Backbone hog = Hog.backbone(SIDE);
        float[] actual = features(hog, image(hog));
        assertEquals(expected.length, actual.length);
        assertEquals(expected.length, hog.pooled().size());
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual[i], 1e-4, "feature " + i);
        }
    }

    @Test
    void anImageOfOneColourHasNoGradients() {
        Backbone hog = Hog.backbone();
        byte[] rgb = new byte[3 * Hog.DEFAULT_SIDE * Hog.DEFAULT_SIDE];
        Arrays.fill(rgb, (byte) 90);
        for (float feature :
                features(hog, hog.preprocessing().apply(new Pixels(Hog.DEFAULT_SIDE, Hog.DEFAULT_SIDE, rgb)))) {
            assertEquals(0, feature);
        }
    }

    @Test
    void sidesThatAreNoWholeNumberOfCellsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> Hog.backbone(100));
        assertThrows(IllegalArgumentException.class, () -> Hog.backbone(24));
    }

    private static float[] image(Backbone hog) {
        byte[] rgb = new byte[3 * SIDE * SIDE];
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                for (int c = 0; c < 3; c++) {
                    rgb[3 * (y * SIDE + x) + c] =
                            (byte) ((x * x * 5 + y * y * 7 + x * y * 3) * (3 + c) / 64 % (251 - c));
                }
            }
        }
        return hog.preprocessing().apply(new Pixels(SIDE, SIDE, rgb));
    }

    private static float[] features(Backbone hog, float[] input) {
        int side = hog.preprocessing().width();
        try (OnnxSession session = new OnnxSession(hog.onnx(), 1)) {
            return session.run(input, new long[] {1, 3, side, side}, List.of("pooled"))
                    .getFirst()
                    .values();
        }
    }
}
