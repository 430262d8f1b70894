package dev.loupe.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.local.LocalOptions;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The bills of materials of the container images name all that is in them, and {@code licences.txt} accepts the licences.
 */
class LicenceIT {
    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A line of {@code licences.txt}. */
    private record Accepted(Pattern component, String licence) {
        static Accepted of(String line) {
            int equals = line.indexOf(" = ");
            if (equals < 0) {
                return new Accepted(Pattern.compile(".*"), line);
            }
            String[] said = line.substring(equals + 3).split("; ", 2);
            assertTrue(said.length == 2 && !said[1].isBlank(), "licences.txt: expected a reason after '; ': " + line);
            String component = Pattern.quote(line.substring(0, equals)).replace("*", "\\E.*\\Q");
            return new Accepted(Pattern.compile(component), said[0]);
        }

        boolean accepts(String component, List<String> licences) {
            return licences.contains(licence)
                    && this.component.matcher(component).matches();
        }
    }

    private static List<Accepted> accepted() throws IOException {
        return Files.readAllLines(HOME.resolve("licences.txt")).stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .map(Accepted::of)
                .toList();
    }

    private static JsonNode bom(String module) throws IOException {
        Path file = HOME.resolve(module).resolve("target/sbom.json");
        assertTrue(Files.exists(file), file + " does not exist: build it with mvn install -DskipTests");
        return JSON.readTree(file.toFile());
    }

    private static String component(JsonNode component) {
        String group = component.path("group").asText();
        return (group.isEmpty() ? "" : group + ":") + component.path("name").asText() + " "
                + component.path("version").asText();
    }

    private static List<String> licences(JsonNode component) {
        List<String> licences = new ArrayList<>();
        for (JsonNode licence : component.path("licenses")) {
            licences.add(
                    licence.hasNonNull("expression")
                            ? licence.path("expression").asText()
                            : licence.at("/license/id")
                                    .asText(licence.at("/license/name").asText()));
        }
        return licences;
    }

    private static List<String> refused(JsonNode bom, List<Accepted> accepted) {
        List<String> refused = new ArrayList<>();
        for (JsonNode component : bom.path("components")) {
            String name = component(component);
            List<String> licences = licences(component);
            if (accepted.stream().noneMatch(line -> line.accepts(name, licences))) {
                refused.add(name + " = " + (licences.isEmpty() ? "none" : String.join(" or ", licences)));
            }
        }
        return refused;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dataset-service",
                "training-service/service",
                "inference-service",
                "console/gateway",
                "training-service/trainer",
                "common/devstack",
                "cli"
            })
    void licencesOfAllJarsAreAccepted(String module) throws IOException {
        JsonNode bom = bom(module);

        assertEquals(List.of(), missing(module, bom), "jars that are not in " + module + "/target/sbom.json");
        assertEquals(List.of(), refused(bom, accepted()), "not accepted by licences.txt");
    }

    @Test
    void licencesOfTheConsolesPagesAreAccepted() throws IOException {
        assumeTrue(LocalOptions.hasConsolePages(HOME), "the console is not built, because there is no Node");
        JsonNode bom = bom("console/webui");

        List<String> names = new ArrayList<>();
        bom.path("components").forEach(each -> names.add(each.path("name").asText()));
        JSON.readTree(HOME.resolve("console/webui/package.json").toFile())
                .path("dependencies")
                .fieldNames()
                .forEachRemaining(name -> assertTrue(names.contains(name), name));
        assertEquals(List.of(), refused(bom, accepted()), "not accepted by licences.txt");
    }

    @Test
    void otherLicencesAreFound() throws IOException {
        JsonNode bom = JSON.readTree("""
                {"components": [
                  {"group": "org.example", "name": "strong", "version": "1", "licenses": [{"license": {"id": "GPL-3.0-only"}}]},
                  {"group": "org.example", "name": "unknown", "version": "2"},
                  {"name": "either", "version": "3", "licenses": [{"expression": "(MIT OR GPL-3.0-only)"}]},
                  {"group": "org.example", "name": "two", "version": "4",
                   "licenses": [{"license": {"id": "GPL-3.0-only"}}, {"license": {"name": "Apache-2.0"}}]},
                  {"group": "org.example", "name": "named", "version": "5", "licenses": [{"license": {"name": "Odd"}}]}]}""");
        List<Accepted> lines = Stream.of("Apache-2.0", "org.example:name* 5 = Odd; read by a person")
                .map(Accepted::of)
                .toList();

        assertEquals(
                List.of(
                        "org.example:strong 1 = GPL-3.0-only",
                        "org.example:unknown 2 = none",
                        "either 3 = (MIT OR GPL-3.0-only)"),
                refused(bom, lines));
    }

    /** Jars of the image that the bill does not name. */
    private static List<String> missing(String module, JsonNode bom) throws IOException {
        List<String> names = new ArrayList<>();
        for (JsonNode component : bom.path("components")) {
            String name = component.path("name").asText() + "-"
                    + component.path("version").asText();
            names.add(name);
            names.add(component.path("group").asText() + "." + name);
        }
        List<String> jars = jars(module);
        assertTrue(jars.size() > 20, module + ": " + jars);
        return jars.stream()
                .filter(jar ->
                        names.stream().noneMatch(name -> jar.equals(name + ".jar") || jar.startsWith(name + "-")))
                .toList();
    }

    private static List<String> jars(String module) throws IOException {
        Path target = HOME.resolve(module).resolve("target");
        Path libraries = target.resolve("quarkus-app/lib");
        if (Files.isDirectory(libraries)) {
            try (Stream<Path> files = Files.walk(libraries)) {
                return files.map(file -> file.getFileName().toString())
                        .filter(name -> name.endsWith(".jar"))
                        .sorted()
                        .toList();
            }
        }
        return Arrays.stream(
                        Files.readString(target.resolve("classpath")).strip().split(File.pathSeparator))
                .map(jar -> Path.of(jar).getFileName().toString())
                .filter(name -> name.endsWith(".jar"))
                .toList();
    }
}
