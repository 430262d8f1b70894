package dev.loupe.local.demo;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.LinearGradientPaint;
import java.awt.RadialGradientPaint;
import java.awt.Rectangle;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.TexturePaint;
import java.awt.geom.AffineTransform;
import java.awt.geom.Arc2D;
import java.awt.geom.Area;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Point2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Draws an image of a flange: a brushed metal plate with a turned bore and four bolt holes, on a dark bench, as a
 * camera would see it: never quite in the same place, angle or light. One seed gives one image.
 */
final class MetalPart {
    /** Side of an image in pixels. */
    static final int SIZE = 224;

    // Drawn at twice the size, and averaged down: edges look like a lens's, not like a drawing's.
    private static final int CANVAS = 2 * SIZE;
    private static final double CENTRE = CANVAS / 2.0;
    private static final double PLATE = 356;
    private static final double HOLE_OFFSET = 124;
    private static final double HOLE_RADIUS = 19;
    private static final double BORE_RADIUS = 52;
    private static final double TURNED_RADIUS = 88;

    private final RandomGenerator random;
    /** Apart, so that a seed gives the same part whatever is wrong with it. */
    private final RandomGenerator defectRandom;

    private MetalPart(SplittableRandom random) {
        this.random = random;
        this.defectRandom = random.split();
    }

    /**
     * @param seed of this image
     * @param defect what is wrong with the part, null: nothing
     * @return {@link #SIZE} by {@link #SIZE} pixels, RGB
     */
    static BufferedImage draw(long seed, Defect defect) {
        return new MetalPart(new SplittableRandom(seed)).image(defect);
    }

    private BufferedImage image(Defect defect) {
        BufferedImage canvas = new BufferedImage(CANVAS, CANVAS, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = quality(canvas.createGraphics());
        drawBench(graphics);
        AffineTransform pose = new AffineTransform();
        pose.translate(random.nextGaussian() * 2.5, random.nextGaussian() * 2.5);
        pose.rotate(Math.toRadians(random.nextGaussian() * 1.2), CENTRE, CENTRE);
        graphics.transform(pose);
        drawShadow(graphics);
        Area surface = surface();
        drawPlate(graphics, surface);
        drawTurnedRing(graphics);
        for (int corner = 0; corner < 4; corner++) {
            double x = CENTRE + (corner % 2 == 0 ? -HOLE_OFFSET : HOLE_OFFSET);
            double y = CENTRE + (corner < 2 ? -HOLE_OFFSET : HOLE_OFFSET);
            drawHole(graphics, x, y, HOLE_RADIUS);
        }
        drawHole(graphics, CENTRE, CENTRE, BORE_RADIUS);
        if (defect != null) {
            graphics.clip(surface);
            new Blemish(graphics, defectRandom).draw(defect, spot());
        }
        graphics.dispose();
        light(canvas);
        return half(canvas);
    }

    private static Graphics2D quality(Graphics2D graphics) {
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        return graphics;
    }

    /** Somewhere on the metal, away from the holes and the edge. */
    private Point2D spot() {
        while (true) {
            double x = CENTRE + (defectRandom.nextDouble() - 0.5) * (PLATE - 70);
            double y = CENTRE + (defectRandom.nextDouble() - 0.5) * (PLATE - 70);
            boolean nearCorner = Math.hypot(Math.abs(x - CENTRE) - HOLE_OFFSET, Math.abs(y - CENTRE) - HOLE_OFFSET)
                    < HOLE_RADIUS + 24;
            if (!nearCorner && Point2D.distance(x, y, CENTRE, CENTRE) > BORE_RADIUS + 26) {
                return new Point2D.Double(x, y);
            }
        }
    }

    private static Shape outline(double grow) {
        double side = PLATE + 2 * grow;
        return new RoundRectangle2D.Double(CENTRE - side / 2, CENTRE - side / 2, side, side, 64, 64);
    }

    private static Shape circle(double x, double y, double radius) {
        return new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius);
    }

    private static Area surface() {
        Area surface = new Area(outline(0));
        surface.subtract(new Area(circle(CENTRE, CENTRE, BORE_RADIUS)));
        for (int corner = 0; corner < 4; corner++) {
            surface.subtract(new Area(circle(
                    CENTRE + (corner % 2 == 0 ? -HOLE_OFFSET : HOLE_OFFSET),
                    CENTRE + (corner < 2 ? -HOLE_OFFSET : HOLE_OFFSET),
                    HOLE_RADIUS)));
        }
        return surface;
    }

    private static void drawBench(Graphics2D graphics) {
        graphics.setPaint(new GradientPaint(0, 0, new Color(58, 62, 68), CANVAS, CANVAS, new Color(33, 35, 40)));
        graphics.fillRect(0, 0, CANVAS, CANVAS);
    }

    private static void drawShadow(Graphics2D graphics) {
        for (int step = 12; step >= 2; step -= 2) {
            graphics.setColor(new Color(0, 0, 0, 28));
            AffineTransform kept = graphics.getTransform();
            graphics.translate(7, 9);
            graphics.fill(outline(step - 4.0));
            graphics.setTransform(kept);
        }
    }

    private void drawPlate(Graphics2D graphics, Shape surface) {
        graphics.setPaint(new TexturePaint(brushed(), new Rectangle(0, 0, CANVAS, CANVAS)));
        graphics.fill(surface);
        // The milled edge catches the light at the top left.
        graphics.setStroke(new BasicStroke(5f));
        graphics.setPaint(new LinearGradientPaint(
                (float) (CENTRE - PLATE / 2),
                (float) (CENTRE - PLATE / 2),
                (float) (CENTRE + PLATE / 2),
                (float) (CENTRE + PLATE / 2),
                new float[] {0f, 0.45f, 0.55f, 1f},
                new Color[] {
                    new Color(255, 255, 255, 150),
                    new Color(255, 255, 255, 40),
                    new Color(0, 0, 0, 40),
                    new Color(0, 0, 0, 130)
                }));
        graphics.draw(outline(-2.5));
    }

    /** Long, faint streaks of several widths, as brushing leaves them. */
    private BufferedImage brushed() {
        BufferedImage texture = new BufferedImage(CANVAS, CANVAS, BufferedImage.TYPE_INT_RGB);
        int[] pixels = ((DataBufferInt) texture.getRaster().getDataBuffer()).getData();
        float[] wide = new float[CANVAS];
        float band = 0;
        for (int y = 0; y < CANVAS; y++) {
            band = 0.9f * band + 0.1f * (float) random.nextGaussian() * 9;
            float row = band + (float) random.nextGaussian() * 3.2f;
            float streak = 0;
            for (int x = 0; x < CANVAS; x++) {
                float noise = random.nextFloat() - 0.5f;
                streak = 0.985f * streak + noise * 2.6f;
                // What lies above shows through: scratches of the brush are longer than one pixel is high.
                wide[x] = 0.55f * wide[x] + 0.45f * streak;
                pixels[y * CANVAS + x] = metal(168 + row + 1.5f * wide[x] + noise * 5);
            }
        }
        return texture;
    }

    private static int metal(float grey) {
        int red = clamp(grey - 2);
        int green = clamp(grey);
        int blue = clamp(grey + 5);
        return red << 16 | green << 8 | blue;
    }

    private static int clamp(float value) {
        return Math.max(0, Math.min(255, Math.round(value)));
    }

    /** The face round the bore was turned on a lathe: fine rings, and highlights that fan out from the centre. */
    private void drawTurnedRing(Graphics2D graphics) {
        double turn = random.nextDouble() * 0.25;
        for (int degree = 0; degree < 360; degree += 4) {
            double angle = Math.toRadians(degree) + turn;
            double shine = Math.pow(Math.abs(Math.cos(angle - 0.9)), 6) - 0.25;
            int alpha = (int) Math.min(110, Math.abs(shine) * 130);
            graphics.setColor(shine > 0 ? new Color(255, 255, 255, alpha) : new Color(20, 22, 28, alpha));
            Arc2D wedge = new Arc2D.Double(
                    CENTRE - TURNED_RADIUS,
                    CENTRE - TURNED_RADIUS,
                    2 * TURNED_RADIUS,
                    2 * TURNED_RADIUS,
                    degree,
                    4.4,
                    Arc2D.PIE);
            graphics.fill(wedge);
        }
        graphics.setStroke(new BasicStroke(0.9f));
        for (double radius = BORE_RADIUS + 1; radius < TURNED_RADIUS; radius += 2.2) {
            int tone = random.nextInt(26);
            graphics.setColor(random.nextBoolean() ? new Color(255, 255, 255, tone) : new Color(0, 0, 0, tone));
            graphics.draw(circle(CENTRE, CENTRE, radius));
        }
        graphics.setStroke(new BasicStroke(2f));
        graphics.setColor(new Color(0, 0, 0, 70));
        graphics.draw(circle(CENTRE, CENTRE, TURNED_RADIUS));
        graphics.setColor(new Color(255, 255, 255, 90));
        graphics.draw(circle(CENTRE + 1.2, CENTRE + 1.2, TURNED_RADIUS + 1.2));
    }

    private static void drawHole(Graphics2D graphics, double x, double y, double radius) {
        graphics.setPaint(new RadialGradientPaint(
                new Point2D.Double(x + radius * 0.25, y + radius * 0.3),
                (float) (radius * 1.25),
                new float[] {0f, 0.7f, 1f},
                new Color[] {new Color(44, 46, 51), new Color(24, 25, 29), new Color(8, 8, 10)}));
        graphics.fill(circle(x, y, radius));
        graphics.setStroke(new BasicStroke((float) Math.max(2.5, radius * 0.09)));
        graphics.setPaint(new GradientPaint(
                (float) (x - radius),
                (float) (y - radius),
                new Color(30, 32, 36, 220),
                (float) (x + radius),
                (float) (y + radius),
                new Color(250, 252, 255, 230)));
        graphics.draw(circle(x, y, radius));
    }

    /** The lamp's place and strength, the lens's darker corners, and the sensor's noise. */
    private void light(BufferedImage canvas) {
        int[] pixels = ((DataBufferInt) canvas.getRaster().getDataBuffer()).getData();
        float lampX = (float) (0.36 + random.nextGaussian() * 0.04) * CANVAS;
        float lampY = (float) (0.30 + random.nextGaussian() * 0.04) * CANVAS;
        float strength = (float) (1.10 + random.nextGaussian() * 0.025);
        for (int y = 0; y < CANVAS; y++) {
            for (int x = 0; x < CANVAS; x++) {
                float dx = (x - lampX) / CANVAS;
                float dy = (y - lampY) / CANVAS;
                float gain = strength - 0.42f * (dx * dx + dy * dy);
                float noise = (random.nextFloat() - 0.5f) * 12;
                int pixel = pixels[y * CANVAS + x];
                pixels[y * CANVAS + x] = clamp((pixel >> 16 & 255) * gain + noise) << 16
                        | clamp((pixel >> 8 & 255) * gain + noise) << 8
                        | clamp((pixel & 255) * gain + noise);
            }
        }
    }

    private static BufferedImage half(BufferedImage canvas) {
        BufferedImage image = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = quality(image.createGraphics());
        graphics.drawImage(canvas, 0, 0, SIZE, SIZE, null);
        graphics.dispose();
        return image;
    }
}
