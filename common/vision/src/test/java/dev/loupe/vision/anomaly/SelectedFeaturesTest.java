package dev.loupe.vision.anomaly;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Scattering;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class SelectedFeaturesTest {
    private static final Backbone BACKBONE = Scattering.backbone(32);

    @Test
    void channelsAreDifferentAndColoursAreAmongThem() {
        List<Integer> channels = SelectedFeatures.of(BACKBONE, 40, 1).channels();
        int all = PatchFeatures.of(BACKBONE).channels();
        assertEquals(40, new HashSet<>(channels).size());
        assertTrue(channels.stream().allMatch(channel -> channel >= 0 && channel < all));
        assertEquals(List.of(0, 1, 2), channels.subList(0, 3));
    }

    @Test
    void theSelectionBelongsToTheSeed() {
        List<Integer> channels = SelectedFeatures.of(BACKBONE, 40, 1).channels();
        assertEquals(channels, SelectedFeatures.of(BACKBONE, 40, 1).channels());
        assertNotEquals(channels, SelectedFeatures.of(BACKBONE, 40, 2).channels());
    }

    @Test
    void ofFewerChannelsAllAreTaken() {
        assertEquals(
                PatchFeatures.of(BACKBONE).channels(),
                SelectedFeatures.of(BACKBONE, 10_000, 1).count());
    }
}
