package dev.loupe.local.demo;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RadialGradientPaint;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.CubicCurve2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Point2D;
import java.util.random.RandomGenerator;

/** Draws one random {@link Defect} of a kind. The light comes from the top left. */
final class Blemish {
    private final Graphics2D graphics;
    private final RandomGenerator random;

    Blemish(Graphics2D graphics, RandomGenerator random) {
        this.graphics = graphics;
        this.random = random;
    }

    void draw(Defect defect, Point2D spot) {
        switch (defect) {
            case SCRATCH -> drawScratch(spot);
            case DENT -> drawDent(spot);
            case STAIN -> drawStain(spot);
            case HAIR -> drawHair(spot);
        }
    }

    private double between(double least, double most) {
        return least + (most - least) * random.nextDouble();
    }

    /** A slightly bent line that begins and ends thin. */
    private void drawScratch(Point2D spot) {
        // Across the brushing rather than along it, or it would hide in it.
        double angle = Math.toRadians(between(25, 155));
        double length = between(75, 150);
        int grooves = 1 + random.nextInt(2);
        for (int groove = 0; groove < grooves; groove++) {
            double shift = groove * between(7, 13);
            double bend = between(-14, 14);
            double widest = between(2.2, 3.8);
            int steps = 40;
            for (int step = 0; step < steps; step++) {
                double t = (step + 0.5) / steps - 0.5;
                double along = t * length;
                double across = bend * (1 - 4 * t * t) + shift;
                double x = spot.getX() + along * Math.cos(angle) - across * Math.sin(angle);
                double y = spot.getY() + along * Math.sin(angle) + across * Math.cos(angle);
                double width = widest * Math.sqrt(Math.max(0.05, 1 - 4 * t * t));
                dab(x + 1.6, y + 1.6, angle, length / steps, width * 0.9, new Color(15, 16, 20, 190));
                dab(x, y, angle, length / steps, width, new Color(246, 249, 255, 225));
            }
        }
    }

    private void dab(double x, double y, double angle, double length, double width, Color color) {
        AffineTransform kept = graphics.getTransform();
        graphics.translate(x, y);
        graphics.rotate(angle);
        graphics.setColor(color);
        graphics.fill(new Ellipse2D.Double(-length, -width / 2, 2 * length, width));
        graphics.setTransform(kept);
    }

    private void drawDent(Point2D spot) {
        double radius = between(17, 28);
        AffineTransform kept = graphics.getTransform();
        graphics.translate(spot.getX(), spot.getY());
        graphics.rotate(between(0, Math.PI));
        graphics.scale(1, between(0.75, 1));
        AffineTransform shape = graphics.getTransform();
        graphics.setTransform(kept);
        // Two soft spots, a dark one towards the lamp and a bright one away from it, and a rim.
        double lift = radius * 0.42;
        glow(spot.getX() - lift, spot.getY() - lift, radius, new Color(12, 13, 18, 205));
        glow(spot.getX() + lift, spot.getY() + lift, radius * 0.9, new Color(255, 255, 255, 215));
        graphics.setTransform(shape);
        graphics.setStroke(new BasicStroke(1.4f));
        graphics.setColor(new Color(255, 255, 255, 70));
        graphics.draw(new Ellipse2D.Double(-radius, -radius, 2 * radius, 2 * radius));
        graphics.setTransform(kept);
    }

    private void glow(double x, double y, double radius, Color color) {
        Color none = new Color(color.getRed(), color.getGreen(), color.getBlue(), 0);
        graphics.setPaint(new RadialGradientPaint(
                new Point2D.Double(x, y), (float) radius, new float[] {0f, 1f}, new Color[] {color, none}));
        graphics.fill(new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius));
    }

    private void drawStain(Point2D spot) {
        double radius = between(22, 40);
        Shape drop = drop(spot, radius);
        graphics.setPaint(
                new RadialGradientPaint(spot, (float) (radius * 1.3), new float[] {0f, 0.75f, 1f}, new Color[] {
                    new Color(96, 66, 30, 80), new Color(86, 56, 24, 120), new Color(70, 44, 18, 160)
                }));
        graphics.fill(drop);
        for (float width = 5; width >= 1; width -= 2) {
            graphics.setStroke(new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
            graphics.setColor(new Color(58, 34, 12, 60));
            graphics.draw(drop);
        }
        if (random.nextBoolean()) {
            Point2D beside = new Point2D.Double(
                    spot.getX() + radius * between(1.1, 1.5), spot.getY() + radius * between(-0.6, 0.6));
            graphics.setColor(new Color(78, 50, 20, 130));
            graphics.fill(drop(beside, radius * between(0.15, 0.3)));
        }
    }

    /** A circle whose radius wavers. */
    private Shape drop(Point2D centre, double radius) {
        double first = between(0, 6.28);
        double second = between(0, 6.28);
        double flat = between(0.7, 1);
        Path2D path = new Path2D.Double();
        for (int step = 0; step < 72; step++) {
            double angle = Math.PI * 2 * step / 72;
            double waver = radius
                    * (1
                            + 0.12 * Math.sin(2 * angle + first)
                            + 0.07 * Math.sin(3 * angle + second)
                            + 0.02 * Math.sin(7 * angle + first));
            double x = centre.getX() + waver * Math.cos(angle);
            double y = centre.getY() + waver * flat * Math.sin(angle);
            if (step == 0) {
                path.moveTo(x, y);
            } else {
                path.lineTo(x, y);
            }
        }
        path.closePath();
        return path;
    }

    private void drawHair(Point2D spot) {
        double angle = between(0, Math.PI * 2);
        double length = between(110, 180);
        double dx = Math.cos(angle) * length / 2;
        double dy = Math.sin(angle) * length / 2;
        double curl = between(30, 75) * (random.nextBoolean() ? 1 : -1);
        CubicCurve2D hair = new CubicCurve2D.Double(
                spot.getX() - dx,
                spot.getY() - dy,
                spot.getX() - dx / 3 - dy / length * 2 * curl,
                spot.getY() - dy / 3 + dx / length * 2 * curl,
                spot.getX() + dx / 3 + dy / length * 1.6 * curl,
                spot.getY() + dy / 3 - dx / length * 1.6 * curl,
                spot.getX() + dx,
                spot.getY() + dy);
        AffineTransform kept = graphics.getTransform();
        graphics.translate(2.5, 3.5);
        graphics.setStroke(new BasicStroke(4f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        graphics.setColor(new Color(0, 0, 0, 60));
        graphics.draw(hair);
        graphics.setTransform(kept);
        graphics.setStroke(new BasicStroke(2.4f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        graphics.setColor(new Color(34, 22, 16, 235));
        graphics.draw(hair);
    }
}
