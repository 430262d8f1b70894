package dev.loupe.tests.path;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;

/** Small images of a brushed surface, drawn by the test: sound, scratched, or dotted. */
public final class DrawnSurface {
    private static final int SIZE = 96;

    private DrawnSurface() {}

    public enum Kind {
        SOUND,
        SCRATCHED,
        DOTTED
    }

    public static byte[] png(long seed, Kind kind) {
        Random random = new Random(seed * 31 + kind.ordinal());
        BufferedImage image = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < SIZE; y++) {
            int line = random.nextInt(30);
            for (int x = 0; x < SIZE; x++) {
                int grey = 120 + line + random.nextInt(12);
                image.setRGB(x, y, grey << 16 | grey << 8 | grey);
            }
        }
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        switch (kind) {
            case SOUND -> {}
            case SCRATCHED -> {
                graphics.setColor(new Color(230, 230, 235));
                graphics.setStroke(new BasicStroke(2.5f));
                int x = 10 + random.nextInt(30);
                graphics.drawLine(x, 10 + random.nextInt(20), x + 30 + random.nextInt(20), 60 + random.nextInt(25));
            }
            case DOTTED -> {
                graphics.setColor(new Color(60, 45, 40));
                for (int i = 0; i < 4; i++) {
                    graphics.fillOval(10 + random.nextInt(70), 10 + random.nextInt(70), 7, 7);
                }
            }
        }
        graphics.dispose();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** A zip in MVTec's layout: 24 sound images in TRAIN, 8 sound and 8 scratched ones in TEST. */
    static Path anomalyZip(Path folder) throws IOException {
        Path zip = folder.resolve("surfaces.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (Map.Entry<String, byte[]> file : anomalyFiles().entrySet()) {
                add(out, file.getKey(), file.getValue());
            }
        }
        return zip;
    }

    /** The same as a folder. */
    static void anomalyFolder(Path folder) throws IOException {
        for (Map.Entry<String, byte[]> file : anomalyFiles().entrySet()) {
            Path path = folder.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.write(path, file.getValue());
        }
    }

    private static Map<String, byte[]> anomalyFiles() {
        Map<String, byte[]> files = new TreeMap<>();
        for (int i = 0; i < 24; i++) {
            files.put("train/good/" + i + ".png", png(i, Kind.SOUND));
        }
        for (int i = 0; i < 8; i++) {
            files.put("test/good/" + i + ".png", png(1000 + i, Kind.SOUND));
            files.put("test/scratch/" + i + ".png", png(2000 + i, Kind.SCRATCHED));
        }
        return files;
    }

    /** A zip with a folder for each of three classes. */
    public static Path classesZip(Path folder, int each) throws IOException {
        Path zip = folder.resolve("classes.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (Kind kind : Kind.values()) {
                for (int i = 0; i < each; i++) {
                    add(out, kind.name().toLowerCase() + "/" + i + ".png", png(3000 + i, kind));
                }
            }
        }
        return zip;
    }

    /** A zip with many distinct images in two classes, as small as images are. */
    static Path tinyImagesZip(Path folder, int images) throws IOException {
        Path zip = folder.resolve("tiny.zip");
        try (ZipOutputStream out = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(zip)))) {
            for (int i = 0; i < images; i++) {
                BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
                image.setRGB(0, 0, i);
                ByteArrayOutputStream bmp = new ByteArrayOutputStream();
                ImageIO.write(image, "bmp", bmp);
                add(out, (i % 2 == 0 ? "even/" : "odd/") + i + ".bmp", bmp.toByteArray());
            }
        }
        return zip;
    }

    private static void add(ZipOutputStream out, String name, byte[] content) throws IOException {
        out.putNextEntry(new ZipEntry(name));
        out.write(content);
        out.closeEntry();
    }
}
