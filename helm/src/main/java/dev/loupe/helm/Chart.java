package dev.loupe.helm;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A chart in a folder, rendered by Helm itself, which is linked into this JVM. */
public final class Chart {
    /** The Kubernetes that is rendered for, where no cluster is asked. */
    private static final String KUBERNETES = "1.34.0";

    private final Path folder;

    public Chart(Path folder) {
        this.folder = folder;
    }

    Path folder() {
        return folder;
    }

    /** What {@code helm lint --strict} finds. */
    public LintResult lint() {
        return new Helm(folder).lint().strict().call();
    }

    /**
     * The manifests that {@code helm template} writes, hooks such as the pod of {@code helm test} included.
     *
     * @param files of values, later ones before earlier ones
     * @param values single ones, by their path: {@code demo.enabled}
     * @throws IllegalStateException with Helm's words when the values are refused
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

    /** The documents of a rendered text, comments kept; those of nothing but comments are left out. */
    static List<String> documents(String rendered) {
        return Arrays.stream(rendered.split("(?m)^---\\s*$"))
                .map(String::strip)
                .filter(document -> document.lines().anyMatch(line -> !line.isBlank() && !line.startsWith("#")))
                .toList();
    }
}
