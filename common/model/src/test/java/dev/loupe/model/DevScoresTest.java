package dev.loupe.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.loupe.model.DevScores.Score;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DevScoresTest {
    private static final DevScores SCORES = new DevScores(new TreeMap<>(
            Map.of("b", new Score("normal", 2.5), "a", new Score("normal", 3), "c", new Score("abnormal", 4))));

    @Test
    void whatIsReadIsWhatWasWritten() {
        assertEquals(SCORES, DevScores.parse(SCORES.toJson()));
        assertArrayEquals(new double[] {2.5, 3}, SCORES.sorted("normal"::equals));
    }

    @Test
    void rejectsAnotherFormat() {
        for (String other :
                new String[] {"[1]", "{\"a\": 1}", "{\"a\": {\"label\": \"normal\", \"score\": \"NaN\"}}", ""}) {
            byte[] file = other.getBytes(StandardCharsets.UTF_8);
            assertThrows(InvalidPackageException.class, () -> DevScores.parse(file), other);
        }
    }
}
