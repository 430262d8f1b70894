import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Trains a recipe on an archive of images with several seeds, by runs of a running Loupe, and prints a row of a table: the
 * main metric on TEST, its control, training time, processor time and peak memory. README.md describes the options.
 */
public final class RecipeBench {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<String, String> options;

    private RecipeBench(Map<String, String> options) {
        this.options = options;
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = new LinkedHashMap<>(Map.of(
                "--server", "http://127.0.0.1:8090",
                "--data", "",
                "--task", "CLASSIFICATION",
                "--recipe", "auto",
                "--parameters", "{}",
                "--seeds", "0,1,2"));
        for (int i = 0; i < arguments.length; i += 2) {
            if (!options.containsKey(arguments[i]) || i + 1 == arguments.length) {
                throw new IllegalArgumentException("expected options with values, of " + options.keySet());
            }
            options.put(arguments[i], arguments[i + 1]);
        }
        new RecipeBench(options).run();
    }

    private void run() throws Exception {
        Path data = Path.of(options.get("--data"));
        String name = data.getFileName().toString().replaceFirst("\\.zip$", "");
        String project = project(name, data);
        String metric = options.get("--task").equals("CLASSIFICATION") ? "accuracy" : "auroc";
        DoubleSummaryStatistics values = new DoubleSummaryStatistics();
        DoubleSummaryStatistics controls = new DoubleSummaryStatistics();
        DoubleSummaryStatistics seconds = new DoubleSummaryStatistics();
        DoubleSummaryStatistics processor = new DoubleSummaryStatistics();
        long peak = 0;
        List<String> chosen = new ArrayList<>();
        for (String seed : options.get("--seeds").split(",")) {
            ObjectNode request = JSON.createObjectNode().put("project", project).put("seed", Long.parseLong(seed));
            request.putObject("recipe")
                    .put("name", options.get("--recipe"))
                    .set("parameters", JSON.readTree(options.get("--parameters")));
            String id = send("POST", "/api/v1/runs", "application/json", request.toString(), 202)
                    .path("id")
                    .asText();
            double cpuSeconds = 0;
            JsonNode run = get("/api/v1/runs/" + id);
            while (!List.of("SUCCEEDED", "FAILED", "CANCELLED").contains(run.path("state").asText())) {
                Cost now = costOfTrainer(id);
                peak = Math.max(peak, now.peakKilobytes());
                cpuSeconds = Math.max(cpuSeconds, now.cpuSeconds());
                Thread.sleep(200);
                run = get("/api/v1/runs/" + id);
            }
            if (!run.path("state").asText().equals("SUCCEEDED")) {
                throw new IllegalStateException("run " + id + ": " + run);
            }
            values.accept(run.path("metrics").path(metric).asDouble());
            if (run.at("/control/value").isNumber()) {
                controls.accept(run.at("/control/value").asDouble());
            }
            seconds.accept(run.path("trainSeconds").asDouble());
            processor.accept(cpuSeconds);
            chosen.add(run.at("/selection/chosen").asText(""));
            System.err.println(name + ", seed " + seed + ": " + run.path("metrics") + " " + run.path("control") + " "
                    + run.at("/selection"));
        }
        System.out.printf(
                Locale.ROOT,
                "| %s | %s | %s | %.4f (%.4f to %.4f) | %s | %.0f | %.0f | %d |%n",
                name,
                options.get("--recipe"),
                options.get("--parameters").equals("{}") ? String.join(", ", chosen) : options.get("--parameters"),
                values.getAverage(),
                values.getMin(),
                values.getMax(),
                controls.getCount() == 0 ? "" : String.format(Locale.ROOT, "%.4f", controls.getAverage()),
                seconds.getAverage(),
                processor.getAverage(),
                peak >> 10);
    }

    /** The project of an archive, with one frozen version; it is made if there is none. */
    private String project(String name, Path data) throws Exception {
        if (status("GET", "/api/v1/projects/" + name) == 404) {
            ObjectNode project = JSON.createObjectNode().put("name", name).put("task", options.get("--task"));
            send("POST", "/api/v1/projects", "application/json", project.toString(), 201);
            String address = "/api/v1/projects/" + name + "/imports/"
                    + send("POST", "/api/v1/projects/" + name + "/imports", "application/zip", data, 202)
                            .path("id")
                            .asText();
            JsonNode status = get(address);
            while (List.of("WAITING", "QUEUED", "RUNNING").contains(status.path("state").asText())) {
                Thread.sleep(500);
                status = get(address);
            }
            if (!status.path("state").asText().equals("SUCCEEDED")) {
                throw new IllegalStateException("import: " + status);
            }
            send("POST", "/api/v1/projects/" + name + "/versions", "application/json", "{\"seed\": 0}", 201);
            Thread.sleep(5_000); // training-service learns of the version by an event
        }
        return name;
    }

    /**
     * What the trainer of a run has taken so far; zeros if it is not a process of this machine.
     *
     * @param cpuSeconds of all threads
     */
    private record Cost(long peakKilobytes, double cpuSeconds) {}

    private static Cost costOfTrainer(String run) throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            for (Path process : processes.filter(each -> each.getFileName().toString().matches("\\d+")).toList()) {
                try {
                    String command = Files.readString(process.resolve("cmdline"));
                    if (command.contains("dev.loupe.trainer.Trainer")
                            && command.contains(run.replace("-", ""))) {
                        long peak = Files.readAllLines(process.resolve("status")).stream()
                                .filter(line -> line.startsWith("VmHWM:"))
                                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                                .findFirst()
                                .orElse(0);
                        String stat = Files.readString(process.resolve("stat"));
                        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
                        // utime and stime, in hundredths of a second
                        return new Cost(peak, (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0);
                    }
                } catch (IOException _) {
                    // it has ended
                }
            }
        }
        return new Cost(0, 0);
    }

    private JsonNode get(String path) throws Exception {
        return send("GET", path, "application/json", BodyPublishers.noBody(), 200);
    }

    private int status(String method, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(options.get("--server") + path))
                .method(method, BodyPublishers.noBody())
                .build();
        return http.send(request, BodyHandlers.discarding()).statusCode();
    }

    private JsonNode send(String method, String path, String type, Object body, int expected) throws Exception {
        BodyPublisher content = switch (body) {
            case BodyPublisher publisher -> publisher;
            case Path file -> BodyPublishers.ofFile(file);
            default -> BodyPublishers.ofString(body.toString());
        };
        HttpRequest request = HttpRequest.newBuilder(URI.create(options.get("--server") + path))
                .header("Content-Type", type)
                .header("X-Loupe-Actor", "recipe-bench")
                .timeout(Duration.ofMinutes(10))
                .method(method, content)
                .build();
        HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
        if (answer.statusCode() != expected) {
            throw new IllegalStateException(
                    method + " " + path + ": expected " + expected + ", got " + answer.statusCode() + " " + answer.body());
        }
        return JSON.readTree(answer.body());
    }
}
