package dev.loupe.model.backbone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.model.onnx.OnnxSession.Tensor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScatteringTest {
    private static final int SIDE = 64;
    private static final List<String> OUTPUTS = List.of("maps", "pooled");

    @Test
    void agreesWithIndependentReference() throws IOException {
        List<Tensor> outputs;
        try (OnnxSession session = new OnnxSession(Scattering.backbone(SIDE).onnx(), 1)) {
            outputs = session.run(image(), new long[] {1, 3, SIDE, SIDE}, OUTPUTS);
        }
        int cells = SIDE / Scattering.CELL;
        List<String> lines = reference();
        assertTrue(lines.size() > 50);
        for (String line : lines) {
            String[] columns = line.split(",");
            int channel = Integer.parseInt(columns[0]);
            int row = Integer.parseInt(columns[1]);
            float actual = row < 0
                    ? outputs.get(1).values()[channel]
                    : outputs.get(0).values()[(channel * cells + row) * cells + Integer.parseInt(columns[2])];
            assertEquals(Double.parseDouble(columns[3]), actual, 2e-4, line);
        }
    }

    @Test
    void featuresDoNotDependOnOtherImagesOfTheBatch() {
        float[] one = image();
        float[] two = new float[2 * one.length];
        System.arraycopy(one, 0, two, one.length, one.length);
        try (OnnxSession session = new OnnxSession(Scattering.backbone(SIDE).onnx(), 1)) {
            float[] alone = session.run(one, new long[] {1, 3, SIDE, SIDE}, OUTPUTS)
                    .get(1)
                    .values();
            float[] second = session.run(two, new long[] {2, 3, SIDE, SIDE}, OUTPUTS)
                    .get(1)
                    .values();
            for (int i = 0; i < alone.length; i++) {
                assertEquals(alone[i], second[alone.length + i], 1e-5);
            }
        }
    }

    @Test
    void flatImageHasNoContrast() {
        float[] grey = new float[3 * SIDE * SIDE];
        java.util.Arrays.fill(grey, .5f);
        try (OnnxSession session = new OnnxSession(Scattering.backbone(SIDE).onnx(), 1)) {
            float[] largest = session.run(grey, new long[] {1, 3, SIDE, SIDE}, OUTPUTS)
                    .get(1)
                    .values();
            for (int channel = 3; channel < Scattering.CHANNELS; channel++) {
                assertEquals(Math.log(Scattering.FLOOR), largest[channel], 1e-3);
            }
        }
    }

    @Test
    void rejectsSizeThatIsNotAMultipleOfTheCell() {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Scattering.backbone(100))
                .getMessage()
                .contains("multiple of 8"));
    }

    private static float[] image() {
        float[] values = new float[3 * SIDE * SIDE];
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < SIDE; y++) {
                for (int x = 0; x < SIDE; x++) {
                    values[(c * SIDE + y) * SIDE + x] =
                            (float) (.5 + .3 * Math.sin(.9 * x + .35 * y + c) + .2 * Math.cos(.02 * x * y - .5 * c));
                }
            }
        }
        return values;
    }

    private static List<String> reference() throws IOException {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                ScatteringTest.class.getResourceAsStream("scattering.csv"), StandardCharsets.UTF_8))) {
            return reader.lines().toList();
        }
    }
}
