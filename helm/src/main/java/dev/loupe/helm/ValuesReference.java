package dev.loupe.helm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.Yaml;

/** Documentation of a values file: each key with its comment and its default. */
final class ValuesReference {
    private static final Pattern KEY = Pattern.compile("^( *)([A-Za-z0-9_./-]+):(.*)$");

    /**
     * @param path path of the key: {@code trainer.gpu.count}
     * @param description comment above the key, empty if there is none
     * @param value default of the key, as written in the file; empty for a section
     */
    record Entry(String path, String description, Optional<String> value) {}

    private final List<Entry> entries;

    private ValuesReference(List<Entry> entries) {
        this.entries = List.copyOf(entries);
    }

    static ValuesReference read(Path file) throws IOException {
        List<Entry> entries = new ArrayList<>();
        Deque<String> path = new ArrayDeque<>();
        List<String> comment = new ArrayList<>();
        int listIndent = -1;
        for (String line : Files.readAllLines(file)) {
            Matcher key = KEY.matcher(line);
            String text = line.strip();
            if (text.startsWith("#")) {
                comment.add(text.substring(1).strip());
            } else if (text.startsWith("- ")) {
                listIndent = line.indexOf('-');
            } else if (key.matches() && (listIndent < 0 || key.group(1).length() < listIndent)) {
                listIndent = -1;
                int depth = key.group(1).length() / 2;
                while (path.size() > depth) {
                    path.removeLast();
                }
                path.addLast(key.group(2));
                String value = key.group(3).strip();
                entries.add(new Entry(
                        String.join(".", path),
                        String.join(" ", comment),
                        value.isEmpty() ? Optional.empty() : Optional.of(value)));
                comment.clear();
            } else if (text.isEmpty()) {
                comment.clear();
            }
        }
        return new ValuesReference(entries);
    }

    List<Entry> entries() {
        return entries;
    }

    /** Returns a Markdown table. */
    String table() {
        StringBuilder table = new StringBuilder("| value | default | description |\n|---|---|---|\n");
        for (Entry entry : entries) {
            if (entry.description().isEmpty() && entry.value().isEmpty()) {
                continue;
            }
            table.append("| `")
                    .append(entry.path())
                    .append("` | ")
                    .append(entry.value()
                            .map(value -> "`" + new Yaml().load(value) + "`")
                            .map(shown -> shown.equals("``") ? "" : shown)
                            .orElse(""))
                    .append(" | ")
                    .append(entry.description().replace("|", "\\|"))
                    .append(" |\n");
        }
        return table.toString();
    }
}
