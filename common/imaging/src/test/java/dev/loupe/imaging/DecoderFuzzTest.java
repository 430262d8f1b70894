package dev.loupe.imaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.testing.Fuzz;
import dev.loupe.testing.Mutation;
import java.util.List;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

/** Randomly changed images of all kinds: each is decoded, or rejected as damaged, unsupported or too large. */
class DecoderFuzzTest {
    private static final long MAX_GROWTH = 512L << 20;

    private final List<byte[]> seeds =
            ImageKinds.all().stream().map(ImageKind::file).toList();
    private final byte[] good = seeds.getFirst();
    private final Pixels expected = ImageDecoder.decode(good);

    private int decoded;
    private int rejected;

    @Test
    void decodesOrRejectsMutatedImagesWithoutLeakingMemory() {
        long before = Pointer.physicalBytes();
        int inputs = new Fuzz("image", 8_000, 150_000)
                .run(random -> Mutation.of(seeds.get(random.nextInt(seeds.size())), random), this::decodeOrReject);
        assertEquals(inputs, decoded + rejected);
        assertTrue(
                decoded > inputs / 20 && rejected > inputs / 20, decoded + " were decoded, " + rejected + " rejected");
        long growth = Pointer.physicalBytes() - before;
        assertTrue(growth < MAX_GROWTH, "resident memory grew by " + (growth >> 20) + " MiB");
    }

    /** PNG files whose headers declare any size and that have few data. */
    @Test
    void decodesOrRejectsHeadersOfAnySize() {
        int inputs = new Fuzz("image-header", 3_000, 50_000).run(DecoderFuzzTest::pngOfAnySize, this::decodeOrReject);
        assertEquals(inputs, decoded + rejected);
    }

    private void decodeOrReject(byte[] image) {
        try {
            Pixels pixels = image.length % 3 == 0 ? ImageDecoder.decode(image, 16) : ImageDecoder.decode(image);
            assertEquals(3L * pixels.width() * pixels.height(), pixels.rgb().length);
            assertTrue((long) pixels.width() * pixels.height() <= ImageDecoder.MAX_PIXELS);
            decoded++;
        } catch (UnsupportedImageException | DamagedImageException e) {
            assertTrue(e.getMessage().length() < 1_000, e.getMessage());
            rejected++;
        }
        if ((decoded + rejected) % 500 == 0) {
            assertEquals(
                    0,
                    ImageKindsTest.difference(
                            expected.rgb(), ImageDecoder.decode(good).rgb()));
        }
    }

    private static byte[] pngOfAnySize(RandomGenerator random) {
        byte[] png = Encoded.pngWithHeader(side(random), side(random));
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
