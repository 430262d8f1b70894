package dev.loupe.inference.drift;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.imaging.ImageMeasurement;
import dev.loupe.imaging.ImageProperties;
import dev.loupe.inference.prediction.LoggedPrediction;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** Streams of drawn images, measured as the prediction log measures them. */
class DriftSimulationIT {
    private static final int SIDE = 32;

    /** Images of a camera: a part whose place, texture and light vary. Darkened images have 0.8 of the light. */
    private static List<LoggedPrediction> stream(SplittableRandom random, int images, double light) throws IOException {
        List<LoggedPrediction> stream = new ArrayList<>();
        for (int i = 0; i < images; i++) {
            ImageProperties measured =
                    ImageMeasurement.measure(draw(random, light * (0.9 + 0.2 * random.nextDouble())));
            stream.add(prediction(measured, random.nextDouble()));
        }
        return stream;
    }

    private static byte[] draw(SplittableRandom random, double light) throws IOException {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
        double x = 12 + 8 * random.nextDouble();
        double y = 12 + 8 * random.nextDouble();
        double noise = 4 + 4 * random.nextDouble();
        for (int row = 0; row < SIDE; row++) {
            for (int column = 0; column < SIDE; column++) {
                double part = Math.hypot(column - x, row - y) < 9 ? 190 : 90;
                double value = light * (part + noise * random.nextGaussian());
                image.getRaster().setSample(column, row, 0, (int) Math.clamp(value, 0, 255));
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "bmp", out);
        return out.toByteArray();
    }

    private static LoggedPrediction prediction(ImageProperties image, double score) {
        return new LoggedPrediction(
                UUID.randomUUID(),
                UUID.randomUUID(),
                Instant.EPOCH,
                1,
                1,
                0.9,
                "normal",
                score,
                null,
                null,
                null,
                1,
                "",
                "image/bmp",
                image.inspection().width(),
                image.inspection().height(),
                image.brightness(),
                image.sharpness(),
                false,
                null,
                0,
                null,
                null);
    }

    private static List<List<DriftMeasure>> drifts(
            Map<DriftMeasure, double[]> reference, List<LoggedPrediction> stream) {
        return Stream.iterate(0, begin -> begin + DriftTest.WINDOW <= stream.size(), begin -> begin + DriftTest.WINDOW)
                .map(begin ->
                        DriftTest.test(reference, DriftTest.values(stream.subList(begin, begin + DriftTest.WINDOW)))
                                .stream()
                                .filter(DriftTest.Outcome::drifted)
                                .map(DriftTest.Outcome::measure)
                                .toList())
                .toList();
    }

    @Test
    void streamDarkenedByAFifthRaisesAnAlertWithin200ImagesAndAnUndisturbedOneNoneIn10000() throws IOException {
        SplittableRandom random = new SplittableRandom(20_261_129);
        Map<DriftMeasure, double[]> reference = DriftTest.values(stream(random, DriftTest.REFERENCE, 1));

        List<List<DriftMeasure>> undisturbed = drifts(reference, stream(random, 10_000, 1));
        assertEquals(100, undisturbed.size());
        assertTrue(undisturbed.stream().allMatch(List::isEmpty), undisturbed.toString());

        // It begins within a window, after any number of its images: the next window has only darkened ones.
        for (int before : new int[] {0, 1, 50, 99}) {
            List<LoggedPrediction> stream = new ArrayList<>(stream(random, before, 1));
            stream.addAll(stream(random, 200, 0.8));
            List<List<DriftMeasure>> found = drifts(reference, stream);
            assertTrue(
                    found.subList(0, 2).stream().anyMatch(measures -> measures.contains(DriftMeasure.BRIGHTNESS)),
                    before + " images before: " + found);
        }
    }
}
