package dev.loupe.imaging;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/** A program that decodes files that need excessive memory, and prints the outcome of each. */
final class HostileImages {
    private HostileImages() {}

    public static void main(String... arguments) throws Exception {
        DecoderMemory.limit(400L << 20);
        byte[] webp = Encoded.WEBP.clone();
        webp[19] = 0x40;
        report("WebP whose chunk declares 1 GiB", webp);
        report("PNG with text that inflates to 300 MB", textBomb());
        report("RGBA PNG of 7000 x 7000", png(7000, 7000, 6));
        report("RGB PNG of 8000 x 8000, twice", png(8000, 8000, 2), 2);
        report("JPEG of 9344 x 7000, three times", JpegWriter.flat(9344, 7000, 1, 875), 3);
        report("TIFF of 100 x 100 with a tile of 16384 x 16384", hugeTile());
        report(
                "TIFF of 25 megapixels of 64-bit floats",
                new TiffWriter(new Drawing(5000, 5000), 64, 1, 1).tag(339, 3).file(List.of(new byte[9000])));
        report("progressive JPEG with 1,500 scans", JpegWriter.scans(11_400, 8_600, 1500));
        System.out.println("peak=" + peak());
    }

    private static void report(String what, byte[] encoded) throws Exception {
        report(what, encoded, 1);
    }

    /** Inspects the file and prepares a small input from it, several times at once, and prints the outcomes. */
    private static void report(String what, byte[] encoded, int times) throws Exception {
        Preprocessing preprocessing = new Preprocessing(64, 64, 255, new float[3], new float[] {1, 1, 1});
        try (ExecutorService threads = Executors.newFixedThreadPool(times)) {
            List<Future<String>> outcomes = java.util.stream.IntStream.range(0, times)
                    .mapToObj(i -> threads.submit(() -> {
                        ImageInspection seen = ImageDecoder.inspect(encoded);
                        preprocessing.apply(encoded);
                        return seen.width() + " x " + seen.height();
                    }))
                    .toList();
            for (Future<String> outcome : outcomes) {
                try {
                    System.out.println(what + ": " + outcome.get());
                } catch (ExecutionException e) {
                    System.out.println(what + ": " + e.getCause().getClass().getSimpleName() + ": "
                            + e.getCause().getMessage());
                }
            }
        }
    }

    private static byte[] textBomb() throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        text.writeBytes(new byte[] {'k', 0, 0});
        deflateZeros(text, 300_000_000);
        return new PngWriter()
                .header(8, 8, 8, 0, false)
                .chunk("zTXt", text.toByteArray())
                .data(8, 8, 8, 1, false, (x, y, c) -> x)
                .end();
    }

    private static byte[] png(int width, int height, int colourType) throws IOException {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        deflateZeros(data, (1L + (colourType == 6 ? 4 : 3) * width) * height);
        return new PngWriter()
                .header(width, height, 8, colourType, false)
                .chunk("IDAT", data.toByteArray())
                .end();
    }

    private static void deflateZeros(ByteArrayOutputStream out, long count) throws IOException {
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(out, new Deflater(Deflater.BEST_SPEED))) {
            byte[] zeros = new byte[1 << 16];
            for (long left = count; left > 0; left -= zeros.length) {
                deflater.write(zeros, 0, (int) Math.min(left, zeros.length));
            }
        }
    }

    private static byte[] hugeTile() {
        return new TiffWriter(new Drawing(100, 100), 8, 3, 2)
                .tag(322, 16384)
                .tag(323, 16384)
                .tag(324, 8)
                .tag(325, 9)
                .file(List.of(new byte[9]));
    }

    /** Peak memory of the process in MiB: heap, native memory and libraries. */
    private static long peak() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                            .filter(line -> line.startsWith("VmHWM"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                            .findFirst()
                            .orElseThrow()
                    >> 10;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
