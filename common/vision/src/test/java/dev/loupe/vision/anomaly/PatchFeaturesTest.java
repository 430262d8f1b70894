package dev.loupe.vision.anomaly;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Backbone.FeatureMap;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.model.onnx.InvalidOnnxException;
import dev.loupe.vision.net.RandomBackbones;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatchFeaturesTest {
    @ParameterizedTest
    @CsvSource({"FINE, block6", "MIDDLE, block6 block13", "COARSE, block13"})
    void layersAreSelectedByTheirStridesAsFarAsTheBackboneHasThem(Layers layers, String maps) {
        Backbone network = RandomBackbones.mobileNet(1);

        assertEquals(
                List.of(maps.split(" ")),
                PatchFeatures.of(network, layers).maps().stream()
                        .map(FeatureMap::output)
                        .toList());
    }

    @Test
    void refusesLayersThatTheBackboneDoesNotHave() {
        Backbone scattering = Scattering.backbone(64);

        String message = assertThrows(InvalidOnnxException.class, () -> PatchFeatures.of(scattering, Layers.COARSE))
                .getMessage();
        assertTrue(message.contains("layers=coarse") && message.contains("16 or 32"), message);
    }
}
