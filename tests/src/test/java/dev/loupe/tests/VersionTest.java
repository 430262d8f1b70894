package dev.loupe.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** All files that name a version of Loupe name the version of the root POM. {@code .ci/version} changes all of them. */
class VersionTest {
    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern OF_A_POM =
            Pattern.compile("<artifactId>loupe[a-z-]*</artifactId>\\s*<version>(\\d[^<]*)</version>");
    private static final Pattern OF_THE_CHART = Pattern.compile("(?m)^(?:version|appVersion): (\\S+)$");
    /** {@code loupe-N.tgz}, {@code loupe/trainer:N}, {@code "loupe N"}, {@code TAG = "N"} and {@code N-mine}. */
    private static final Pattern OF_TEXT =
            Pattern.compile("(?:loupe[-: ]|loupe/[a-z-]+:|TAG = \")(\\d+\\.\\d+\\.\\d+)|(\\d+\\.\\d+\\.\\d+)-mine");

    @Test
    void everyFileNamesTheVersionOfTheRootPom() throws IOException {
        Matcher root = OF_A_POM.matcher(Files.readString(HOME.resolve("pom.xml")));
        assertTrue(root.find());
        String version = root.group(1);

        List<String> others = new ArrayList<>();
        int found = 0;
        for (Path file : files()) {
            Matcher named = pattern(file).matcher(Files.readString(file));
            while (named.find()) {
                found++;
                String other = named.group(1) == null ? named.group(2) : named.group(1);
                if (!other.equals(version)) {
                    others.add(HOME.relativize(file) + ": " + named.group().strip());
                }
            }
        }

        assertEquals(List.of(), others, "not " + version);
        assertTrue(found > 60, "places that name a version: " + found);
    }

    private static Pattern pattern(Path file) {
        return switch (file.getFileName().toString()) {
            case "pom.xml" -> OF_A_POM;
            case "Chart.yaml" -> OF_THE_CHART;
            default -> OF_TEXT;
        };
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> tree = Files.walk(HOME)) {
            return tree.filter(file -> file.toString().matches(".*\\.(md|java|ya?ml|xml|json)"))
                    .filter(file -> Stream.of("/target/", "/node_modules/", "/.", "CHANGELOG.md", "/src/test/")
                            .noneMatch(HOME.relativize(file).toString().transform("/"::concat)::contains))
                    .toList();
        }
    }
}
