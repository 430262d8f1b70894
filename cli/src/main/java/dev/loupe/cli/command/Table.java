package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import com.github.freva.asciitable.OverflowBehaviour;
import dev.loupe.cli.command.Output.Column;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A table at most 120 characters wide; long values are wrapped. */
final class Table {
    private static final int WIDEST = 120;
    /** The space on both sides of a value. */
    private static final int PADDING = 2;

    private Table() {}

    static String of(List<? extends JsonNode> items, List<Column> columns) {
        List<List<String>> rows = items.stream()
                .map(item -> columns.stream()
                        .map(column -> column.value().apply(item))
                        .toList())
                .toList();
        int[] widths = widths(rows, columns);
        List<ColumnData<List<String>>> data = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            int index = i;
            data.add(new com.github.freva.asciitable.Column()
                    .header(columns.get(i).title())
                    .headerAlign(HorizontalAlign.LEFT)
                    .dataAlign(HorizontalAlign.LEFT)
                    .maxWidth(widths[i] + PADDING, OverflowBehaviour.NEWLINE)
                    .with(row -> row.get(index)));
        }
        return AsciiTable.getTable(AsciiTable.NO_BORDERS, rows, data)
                .lines()
                .map(String::stripTrailing)
                .collect(Collectors.joining("\n"));
    }

    /** Narrows the widest column by one character at a time, until the table fits or no column can be narrower. */
    private static int[] widths(List<List<String>> rows, List<Column> columns) {
        int[] widths = new int[columns.size()];
        for (int i = 0; i < widths.length; i++) {
            int index = i;
            widths[i] = Math.max(
                    columns.get(i).title().length(),
                    rows.stream().mapToInt(row -> row.get(index).length()).max().orElse(0));
        }
        int room = WIDEST - PADDING * widths.length;
        while (IntStream.of(widths).sum() > room) {
            var widest = IntStream.range(0, widths.length)
                    .filter(i -> !columns.get(i).whole()
                            && widths[i] > columns.get(i).title().length())
                    .boxed()
                    .max(Comparator.comparingInt(i -> widths[i]));
            if (widest.isEmpty()) {
                break;
            }
            widths[widest.get()]--;
        }
        return widths;
    }
}
