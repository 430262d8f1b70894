package dev.loupe.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Json;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class OutputTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void tableIsAtMost120ColumnsWideAndKeepsAllWords() {
        String id = UUID.randomUUID().toString();
        String long_ = "a reason of many words ".repeat(10).strip();
        String file = "/a/very/long/path".repeat(9);
        JsonNode item = Json.object()
                .put("id", id)
                .put("reason", long_)
                .put("file", file)
                .put("state", "FAILED");

        new Output(OutputFormat.TABLE, stream)
                .list(
                        List.of(item),
                        Column.whole("RUN", "id"),
                        Column.of("STATE", "state"),
                        Column.of("REASON", "reason"),
                        Column.of("FILE", "file"));

        printed().lines().forEach(line -> assertTrue(line.length() <= 120, line.length() + ": " + line));
        assertTrue(printed().contains(id), printed());
        assertEquals(10, printed().split("reason", -1).length - 1, printed());
        int column = printed().indexOf("FILE");
        assertEquals(
                file,
                printed()
                        .lines()
                        .skip(1)
                        .map(line -> line.length() < column ? "" : line.substring(column))
                        .collect(Collectors.joining()));
    }

    @Test
    void metricsHaveOneOrderInTextAndJson() throws Exception {
        JsonNode run = Json.read("{\"metrics\":{\"recall\":1,\"f1\":0.5,\"accuracy\":0.25,\"auroc\":0.75}}");

        assertEquals("auroc=0.7500 accuracy=0.2500 f1=0.5000 recall=1", Output.metrics(run.path("metrics")));
        new Output(OutputFormat.JSON, stream).item(run, "");

        assertEquals(
                "{\"metrics\":{\"auroc\":0.75,\"accuracy\":0.25,\"f1\":0.5,\"recall\":1}}",
                Json.read(printed()).toString());
    }

    @Test
    void countsAgreeWithTheirNoun() {
        assertEquals("0 images", Output.count(0, "image"));
        assertEquals("1 image", Output.count(1, "image"));
        assertEquals("2 images", Output.count(2, "image"));
    }
}
