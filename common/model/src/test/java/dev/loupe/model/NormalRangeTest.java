package dev.loupe.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.imaging.ImageConditions;
import dev.loupe.imaging.ImageConditions.Measure;
import dev.loupe.model.NormalRange.Limits;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NormalRangeTest {
    private static final NormalRange RANGE = new NormalRange(
            12, Map.of(Measure.BRIGHTNESS, new Limits(100, 140), Measure.ASPECT_RATIO, new Limits(1.3, 1.4)));

    private static ImageConditions image(double brightness) {
        return new ImageConditions(Map.of(Measure.BRIGHTNESS, brightness));
    }

    @Test
    void warnsOutsideTheRangeOnly() {
        assertEquals(List.of(), RANGE.warnings(image(100)));
        assertEquals(List.of(), RANGE.warnings(image(140)));
        assertEquals(List.of(new RangeWarning(Measure.BRIGHTNESS, 99.9, 100, 140)), RANGE.warnings(image(99.9)));
        assertEquals(
                List.of(Measure.BRIGHTNESS, Measure.ASPECT_RATIO),
                RANGE.warnings(image(141).withSize(100, 200)).stream()
                        .map(RangeWarning::measure)
                        .toList());
    }

    @Test
    void warningNamesTheValueAndTheRange() {
        String message = RANGE.warnings(image(61.23)).getFirst().message();
        assertTrue(
                message.contains("too dark") && message.contains("61.2") && message.contains("100.0 to 140.0"),
                message);
    }

    @Test
    void includesFurtherNormalImages() {
        NormalRange wider = RANGE.including(List.of(image(90), image(120)));
        assertEquals(14, wider.images());
        assertEquals(new Limits(90, 140), wider.limits().get(Measure.BRIGHTNESS));
        assertEquals(new Limits(1.3, 1.4), wider.limits().get(Measure.ASPECT_RATIO));
    }

    @Test
    void isTheSameAfterItWasWrittenAndRead() throws Exception {
        ObjectMapper json = new ObjectMapper();
        String text = json.writeValueAsString(RANGE);
        assertEquals(1.3, json.readTree(text).at("/limits/aspectRatio/minimum").asDouble(), text);
        assertEquals(RANGE, json.readValue(text, NormalRange.class));
    }

    @Test
    void refusesLimitsThatContainNothing() {
        assertThrows(IllegalArgumentException.class, () -> new Limits(2, 1));
        assertThrows(IllegalArgumentException.class, () -> new Limits(Double.NaN, 1));
    }
}
