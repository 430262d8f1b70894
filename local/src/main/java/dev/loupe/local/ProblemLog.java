package dev.loupe.local;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** Follows a server's log file and selects the lines that report an error. Not thread-safe. */
final class ProblemLog {
    private static final Pattern PROBLEM = Pattern.compile("\\s(ERROR|FATAL)\\s");

    private final Path file;
    private final Consumer<String> problems;
    private long position;

    ProblemLog(Path file, Consumer<String> problems) {
        this.file = file;
        this.problems = problems;
    }

    /** Reads what was written since the last call, up to its last whole line. */
    void readOn() {
        try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
            if (log.length() < position) {
                position = 0;
            }
            byte[] news = new byte[(int) Math.min(log.length() - position, 1 << 20)];
            log.seek(position);
            log.readFully(news);
            int end = news.length;
            while (end > 0 && news[end - 1] != '\n') {
                end--;
            }
            position += end;
            new String(news, 0, end, StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> PROBLEM.matcher(line).find())
                    .forEach(problems);
        } catch (IOException gone) {
            // A log that can't be read has no lines to report.
        }
    }

    /** The lines that most likely say why a server ended. */
    static String lastWords(Path file) {
        try {
            List<String> lines = Files.readAllLines(file);
            List<String> errors =
                    lines.stream().filter(line -> PROBLEM.matcher(line).find()).toList();
            List<String> telling = errors.isEmpty() ? lines : errors;
            return String.join("\n", telling.subList(Math.max(0, telling.size() - 3), telling.size()));
        } catch (IOException unreadable) {
            return "";
        }
    }
}
