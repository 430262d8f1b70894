package dev.loupe.training.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A plot as the template draws it, in SVG units: {@value #WIDTH} x {@value #HEIGHT} with the axes inside.
 *
 * @param title its title
 * @param xTitle title of the horizontal axis
 * @param yTitle title of the vertical axis
 * @param xTicks marks of the horizontal axis
 * @param yTicks marks of the vertical axis
 * @param bars bars, drawn first
 * @param lines lines, drawn over the bars
 * @param legend names of the colours; empty if there is nothing to tell apart
 */
record Plot(
        String title,
        String xTitle,
        String yTitle,
        List<Tick> xTicks,
        List<Tick> yTicks,
        List<Bar> bars,
        List<Line> lines,
        List<Key> legend) {
    private static final int WIDTH = 360;
    private static final int HEIGHT = 280;
    private static final int LEFT = 50;
    private static final int RIGHT = 12;
    private static final int TOP = 12;
    private static final int BOTTOM = 42;

    record Tick(String at, String text) {}

    record Bar(String colour, String x, String y, String width, String height, String text) {}

    record Line(String colour, String points) {}

    record Key(String colour, String text) {}

    /** Draws in the coordinates of the figures. */
    static final class Builder {
        private final String title;
        private final double left;
        private final double right;
        private final double most;
        private final List<Bar> bars = new ArrayList<>();
        private final List<Line> lines = new ArrayList<>();
        private final List<Key> legend = new ArrayList<>();

        /**
         * @param left figure at the left end
         * @param right figure at the right end
         * @param most figure at the top; the bottom is 0
         */
        Builder(String title, double left, double right, double most) {
            this.title = title;
            this.left = left;
            this.right = right > left ? right : left + 1;
            this.most = most > 0 ? most : 1;
        }

        /** Adds a bar; {@code text} is shown under the mouse. */
        void bar(String colour, double from, double to, double bottom, double top, String text) {
            bars.add(new Bar(
                    colour,
                    number(x(from)),
                    number(y(top)),
                    number(Math.max(0, x(to) - x(from) - 1)),
                    number(y(bottom) - y(top)),
                    text));
        }

        /** Adds a line through points: x, y, x, y, … */
        void line(String colour, double... points) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < points.length; i += 2) {
                text.append(number(x(points[i])))
                        .append(',')
                        .append(number(y(points[i + 1])))
                        .append(' ');
            }
            lines.add(new Line(colour, text.toString().strip()));
        }

        void legend(String colour, String text) {
            legend.add(new Key(colour, text));
        }

        Plot build(String xTitle, String yTitle) {
            List<Tick> xTicks = new ArrayList<>();
            List<Tick> yTicks = new ArrayList<>();
            for (int i = 0; i <= 4; i++) {
                double across = left + i * (right - left) / 4;
                double up = i * most / 4;
                xTicks.add(new Tick(number(x(across)), label(across)));
                yTicks.add(new Tick(number(y(up)), label(up)));
            }
            return new Plot(title, xTitle, yTitle, xTicks, yTicks, bars, lines, legend);
        }

        private double x(double value) {
            return LEFT + (value - left) / (right - left) * (WIDTH - LEFT - RIGHT);
        }

        private double y(double value) {
            return HEIGHT - BOTTOM - value / most * (HEIGHT - TOP - BOTTOM);
        }
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private static String label(double value) {
        return String.format(Locale.ROOT, "%.4g", value)
                .replaceFirst("(\\.\\d*?)0+$", "$1")
                .replaceFirst("\\.$", "");
    }
}
