package dev.loupe.dataset;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;

/** Small images, drawn by the tests; no two of them are the same. */
public final class Drawn {
    private static final AtomicInteger NEXT = new AtomicInteger();

    private Drawn() {}

    public static byte[] png() {
        return image(24, 16, "png", NEXT.incrementAndGet());
    }

    public static byte[] png(int width, int height) {
        return image(width, height, "png", NEXT.incrementAndGet());
    }

    public static byte[] jpeg() {
        return image(24, 16, "jpeg", NEXT.incrementAndGet());
    }

    private static byte[] image(int width, int height, String format, int number) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(number);
        for (int i = 0; i < width * height; i++) {
            image.setRGB(i % width, i / width, random.nextInt(0x1000000));
        }
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(new Color(number % 256, number / 256 % 256, 128));
        graphics.fillRect(0, 0, width / 2, height / 2);
        graphics.dispose();
        try (ByteArrayOutputStream out = new ByteArrayOutputStream()) {
            ImageIO.write(image, format, out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
