package dev.loupe.vision.evaluation;

import dev.loupe.contracts.evaluation.EvaluationReport.CurvePoint;
import java.util.ArrayList;
import java.util.List;

/** Keeps few points of a curve, so that it looks the same. */
final class CurvePoints {
    static final int MAX = 200;
    /** Points are rounded to this unit. */
    private static final double UNIT = 1e6;

    private CurvePoints() {}

    /**
     * Leaves out points on a straight line between others. Of a curve that still has more than {@value #MAX} points, it
     * keeps the first, the last, and one of each of equally long sections: the one that makes the largest triangle with
     * the point before and the middle of the section after.
     *
     * <p>Source: Steinarsson, "Downsampling Time Series for Visual Representation", 2013 (largest triangle, three
     * buckets).
     */
    static List<CurvePoint> thin(List<CurvePoint> points) {
        List<CurvePoint> corners = corners(points);
        return (corners.size() <= MAX ? corners : largestTriangles(corners))
                .stream().map(CurvePoints::rounded).toList();
    }

    private static List<CurvePoint> corners(List<CurvePoint> points) {
        List<CurvePoint> corners = new ArrayList<>();
        for (int i = 0; i < points.size(); i++) {
            boolean end = i == 0 || i == points.size() - 1;
            if (end || area(corners.getLast(), points.get(i), points.get(i + 1)) > 1e-12) {
                corners.add(points.get(i));
            }
        }
        return corners;
    }

    private static List<CurvePoint> largestTriangles(List<CurvePoint> points) {
        List<CurvePoint> kept = new ArrayList<>(List.of(points.getFirst()));
        double section = (points.size() - 2) / (MAX - 2.0);
        for (int i = 0; i < MAX - 2; i++) {
            int start = 1 + (int) (i * section);
            int end = 1 + (int) ((i + 1) * section);
            List<CurvePoint> after =
                    points.subList(end, Math.clamp(1 + (int) ((i + 2) * section), end + 1, points.size()));
            CurvePoint middle = new CurvePoint(
                    after.stream().mapToDouble(CurvePoint::x).average().orElseThrow(),
                    after.stream().mapToDouble(CurvePoint::y).average().orElseThrow(),
                    null);
            CurvePoint best = points.get(start);
            for (CurvePoint point : points.subList(start, end)) {
                if (area(kept.getLast(), point, middle) > area(kept.getLast(), best, middle)) {
                    best = point;
                }
            }
            kept.add(best);
        }
        kept.add(points.getLast());
        return kept;
    }

    /** Twice the area of a triangle. */
    private static double area(CurvePoint a, CurvePoint b, CurvePoint c) {
        return Math.abs((b.x() - a.x()) * (c.y() - a.y()) - (c.x() - a.x()) * (b.y() - a.y()));
    }

    private static CurvePoint rounded(CurvePoint point) {
        return new CurvePoint(
                Math.round(point.x() * UNIT) / UNIT, Math.round(point.y() * UNIT) / UNIT, point.threshold());
    }
}
