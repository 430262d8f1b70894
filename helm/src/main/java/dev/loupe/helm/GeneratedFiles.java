package dev.loupe.helm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Files that are generated from the chart and committed: the chart's README and the manifests in {@code k8s}.
 */
final class GeneratedFiles {
    private static final String TABLE = "<!-- from values.yaml -->\n";
    private static final String WARNING = "# Rendered from helm/loupe. Do not edit; see helm/README.md.\n";

    private final Path root;
    private final Chart chart;

    /** @param root root folder of the repository */
    GeneratedFiles(Path root) {
        this.root = root;
        this.chart = new Chart(root.resolve("helm/loupe"));
    }

    /** Returns the expected content of each file. */
    Map<Path, String> contents() throws IOException {
        Map<Path, String> contents = new LinkedHashMap<>();
        Path readme = chart.folder().resolve("README.md");
        String written = Files.readString(readme);
        int table = written.indexOf(TABLE);
        if (table < 0) {
            throw new IllegalStateException(readme + " has no line " + TABLE.strip());
        }
        contents.put(
                readme,
                written.substring(0, table)
                        + TABLE
                        + ValuesReference.read(chart.folder().resolve("values.yaml"))
                                .table());
        for (String folder : List.of("k8s/base", "k8s/operators")) {
            contents.put(
                    root.resolve(folder).resolve("loupe.yaml"),
                    manifests(List.of(root.resolve(folder).resolve("values.yaml")), Map.of()));
        }
        contents.put(
                root.resolve("k8s/demo/demo.yaml"),
                manifests(
                        List.of(chart.folder().resolve("values-demo.yaml")),
                        Map.of("demo.secret", "a-demonstration-only")));
        return contents;
    }

    private String manifests(List<Path> values, Map<String, String> single) {
        StringBuilder manifests = new StringBuilder(WARNING);
        for (String document : Chart.documents(chart.render(values, single))) {
            // Only Helm runs the pod of helm test.
            if (!document.contains("helm.sh/hook: test")) {
                manifests.append("---\n").append(document).append('\n');
            }
        }
        return manifests.toString();
    }

    /** Writes the files. */
    void write() throws IOException {
        for (Map.Entry<Path, String> file : contents().entrySet()) {
            Files.writeString(file.getKey(), file.getValue());
        }
    }
}
