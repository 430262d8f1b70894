package dev.loupe.local.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MetalPartTest {

    private static int[] pixels(BufferedImage image) {
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }

    @Test
    void oneSeedGivesOneImage() {
        BufferedImage first = MetalPart.draw(5, Defect.HAIR);
        BufferedImage second = MetalPart.draw(5, Defect.HAIR);

        assertEquals(MetalPart.SIZE, first.getWidth());
        assertEquals(MetalPart.SIZE, first.getHeight());
        assertArrayEquals(pixels(first), pixels(second));
    }

    @ParameterizedTest
    @EnumSource
    void aDefectShowsInSomePlaceAndLeavesTheRestAsItWas(Defect defect) {
        for (long seed = 0; seed < 10; seed++) {
            int[] good = pixels(MetalPart.draw(seed, null));
            int[] bad = pixels(MetalPart.draw(seed, defect));
            int changed = 0;
            int clearlyChanged = 0;
            for (int i = 0; i < good.length; i++) {
                int difference = Math.abs((good[i] >> 8 & 255) - (bad[i] >> 8 & 255));
                changed += difference > 0 ? 1 : 0;
                clearlyChanged += difference > 25 ? 1 : 0;
            }
            assertTrue(clearlyChanged >= 25, defect + " " + seed + " shows in " + clearlyChanged + " pixels");
            assertTrue(changed < good.length / 12, defect + " " + seed + " changes " + changed + " pixels");
        }
    }
}
