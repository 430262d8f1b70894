package dev.loupe.imaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DecoderMemoryTest {
    private static final long MEBIBYTE = 1 << 20;
    private static final long DEFAULT_LIMIT = DecoderMemory.limit();

    @AfterEach
    void restore() {
        DecoderMemory.limit(DEFAULT_LIMIT);
    }

    @Test
    void rejectsImageThatNeedsMoreThanTheLimit() {
        DecoderMemory.limit(2 * MEBIBYTE);
        byte[] encoded = JpegWriter.flat(4000, 1000, 0, 125);
        ImageTooLargeException rejected =
                assertThrows(ImageTooLargeException.class, () -> ImageDecoder.decode(encoded));
        assertTrue(rejected.getMessage().contains("limit of 2 MiB"), rejected.getMessage());
        assertEquals(4000, ImageDecoder.inspect(encoded).width(), "an eighth of a JPEG is enough to inspect it");
    }

    @Test
    void reportsBusyWhileOtherImagesUseTheMemory() {
        DecoderMemory.limit(16 * MEBIBYTE, Duration.ofMillis(1));
        byte[] encoded = JpegWriter.flat(2000, 2000, 0, 250);
        try (DecoderMemory.Lease lease = DecoderMemory.reserve(8 * MEBIBYTE, "another image")) {
            DecoderBusyException rejected =
                    assertThrows(DecoderBusyException.class, () -> ImageDecoder.decode(encoded));
            assertTrue(rejected.getMessage().contains("16 MiB"), rejected.getMessage());
        }
        assertEquals(2000, ImageDecoder.decode(encoded).width());
    }

    @Test
    void waitsUntilMemoryIsReleased() throws Exception {
        DecoderMemory.limit(16 * MEBIBYTE, Duration.ofMinutes(1));
        byte[] encoded = JpegWriter.flat(2000, 2000, 0, 250);
        CompletableFuture<Pixels> decoded;
        try (DecoderMemory.Lease lease = DecoderMemory.reserve(16 * MEBIBYTE, "another image")) {
            decoded = CompletableFuture.supplyAsync(() -> ImageDecoder.decode(encoded));
            assertFalse(decoded.isDone());
        }
        assertEquals(2000, decoded.get(1, TimeUnit.MINUTES).width());
    }

    @Test
    void releasesMemoryWhenDecodingFails() {
        DecoderMemory.limit(16 * MEBIBYTE, Duration.ofMillis(1));
        byte[] truncated = JpegWriter.flat(2000, 2000, 0, 100);
        for (int i = 0; i < 10; i++) {
            assertThrows(DamagedImageException.class, () -> ImageDecoder.decode(truncated));
        }
        DecoderMemory.reserve(16 * MEBIBYTE, "all of it").close();
    }
}
