package dev.loupe.helm;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A chart in a folder, rendered by the Helm library in this JVM. */
public final class Chart {
    /** Kubernetes version for rendering without a cluster. */
    private static final String KUBERNETES = "1.34.0";

    private final Path folder;

    public Chart(Path folder) {
        this.folder = folder;
    }

    Path folder() {
        return folder;
    }

    /** Runs {@code helm lint --strict}. */
    public LintResult lint() {
        return new Helm(folder).lint().strict().call();
    }

    /**
     * Returns the output of {@code helm template}, including hooks such as the pod of {@code helm test}.
     *
     * @param files values files; later ones override earlier ones
     * @param values single values by their path, such as {@code demo.enabled}; they override the files
     * @throws IllegalStateException if the values are invalid, with Helm's message
     */
    public String render(List<Path> files, Map<String, ?> values) {
        TemplateCommand template = new Helm(folder)
                .template()
                .withName("loupe")
                .withNamespace("loupe")
                .withKubeVersion(KUBERNETES);
        files.forEach(template::withValuesFile);
        values.forEach(template::set);
        return template.call();
    }

    /** Splits rendered text into YAML documents, without those that contain only comments. */
    static List<String> documents(String rendered) {
        return Arrays.stream(rendered.split("(?m)^---\\s*$"))
                .map(String::strip)
                .filter(document -> document.lines().anyMatch(line -> !line.isBlank() && !line.startsWith("#")))
                .toList();
    }
}
