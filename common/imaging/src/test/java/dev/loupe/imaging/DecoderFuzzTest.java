package dev.loupe.imaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.testing.Fuzz;
import dev.loupe.testing.Mutation;
import java.util.List;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

/** Images of all kinds, changed at random: each is decoded, or refused as damaged, unsupported or too large. */
class DecoderFuzzTest {
    private static final long GROWTH = 512L << 20;

    private final List<byte[]> seeds =
            ImageKinds.all().stream().map(ImageKind::file).toList();
    private final byte[] good = seeds.getFirst();
    private final Pixels expected = ImageDecoder.decode(good);

    private int decoded;
    private int refused;

    @Test
    void mutatedImagesAreDecodedOrRefusedAndTheirMemoryReturns() {
        long before = Pointer.physicalBytes();
        int inputs = new Fuzz("image", 8_000, 150_000)
                .run(random -> Mutation.of(seeds.get(random.nextInt(seeds.size())), random), this::take);
        assertEquals(inputs, decoded + refused);
        assertTrue(decoded > inputs / 20 && refused > inputs / 20, decoded + " were decoded, " + refused + " refused");
        long growth = Pointer.physicalBytes() - before;
        assertTrue(growth < GROWTH, "resident memory grew by " + (growth >> 20) + " MiB");
    }

    /** Headers that claim anything, with as little behind them as they like. */
    @Test
    void headersThatClaimAnySizeAreRefusedOrTheirImageFits() {
        int inputs = new Fuzz("image-header", 3_000, 50_000).run(DecoderFuzzTest::claiming, this::take);
        assertEquals(inputs, decoded + refused);
    }

    private void take(byte[] image) {
        try {
            Pixels pixels = image.length % 3 == 0 ? ImageDecoder.decode(image, 16) : ImageDecoder.decode(image);
            assertEquals(3L * pixels.width() * pixels.height(), pixels.rgb().length);
            assertTrue((long) pixels.width() * pixels.height() <= ImageDecoder.MOST_PIXELS);
            decoded++;
        } catch (UnsupportedImageException | DamagedImageException e) {
            assertTrue(e.getMessage().length() < 1_000, e.getMessage());
            refused++;
        }
        if ((decoded + refused) % 500 == 0) {
            assertEquals(
                    0,
                    ImageKindsTest.difference(
                            expected.rgb(), ImageDecoder.decode(good).rgb()));
        }
    }

    private static byte[] claiming(RandomGenerator random) {
        byte[] png = Encoded.pngClaiming(side(random), side(random));
        return random.nextBoolean() ? png : Mutation.of(png, random);
    }

    private static int side(RandomGenerator random) {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt();
            case 1 -> random.nextInt(-2, 3);
            case 2 -> random.nextInt(1 << 16);
            default -> 1 << random.nextInt(32);
        };
    }
}
