package dev.loupe.helm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The files that are made from the chart and kept in the repository: the chart's README and the manifests in {@code k8s}.
 */
final class GeneratedFiles {
    private static final String TABLE = "<!-- from values.yaml -->\n";
    private static final String WARNING =
            "# Rendered from helm/loupe. Do not edit; helm/README.md says how it is made.\n";

    private final Path root;
    private final Chart chart;

    /** @param root Loupe's folder */
    GeneratedFiles(Path root) {
        this.root = root;
        this.chart = new Chart(root.resolve("helm/loupe"));
    }

    /** What should be in each file. */
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
            // The pod of helm test is Helm's to run.
            if (!document.contains("helm.sh/hook: test")) {
                manifests.append("---\n").append(document).append('\n');
            }
        }
        return manifests.toString();
    }

    /** Writes them. */
    void write() throws IOException {
        for (Map.Entry<Path, String> file : contents().entrySet()) {
            Files.writeString(file.getKey(), file.getValue());
        }
    }
}
