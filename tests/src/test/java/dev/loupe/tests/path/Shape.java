package dev.loupe.tests.path;

import java.util.List;

/**
 * Shape of printed text: its words, with numbers, ids, digests and times replaced. A line {@code …} of a page
 * matches any lines.
 */
final class Shape {
    static final String ANY_LINES = "…";

    private Shape() {}

    /** Whether the output has the shape that the page shows. */
    static boolean fits(List<String> shown, List<String> printed) {
        return fits(
                shown.stream().map(Shape::of).toList(),
                0,
                printed.stream().map(Shape::of).filter(line -> !line.isEmpty()).toList(),
                0);
    }

    private static boolean fits(List<String> shown, int i, List<String> printed, int j) {
        if (i == shown.size()) {
            return j == printed.size();
        }
        if (shown.get(i).equals(ANY_LINES)) {
            for (int next = j; next <= printed.size(); next++) {
                if (fits(shown, i + 1, printed, next)) {
                    return true;
                }
            }
            return false;
        }
        return j < printed.size() && shown.get(i).equals(printed.get(j)) && fits(shown, i + 1, printed, j + 1);
    }

    static String of(String line) {
        return line.replaceAll("\\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\b", "ID")
                .replaceAll("\\b(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{12,64}\\b", "DIGEST")
                .replaceAll("\\b\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d(:[\\d.]+Z?)?", "TIME")
                .replaceAll("-?\\b\\d+(\\.\\d+)?([eE][-+]?\\d+)?", "N")
                .replaceAll("-{2,}(?=\\s|$)", "")
                .replaceAll("\\s+", " ")
                .strip();
    }
}
