package dev.loupe.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.cli.command.Loupe;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Links of the documentation point to existing files and headings. */
class DocumentationTest {
    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:\\s]+)(#[^)]*)?\\)");

    /** Folders that the column "where it lives" of architecture.md means, by the name that it uses. */
    private static final Map<String, String> MODULES = Map.of(
            "dataset-service", "dataset-service/src/main/java/dev/loupe/dataset",
            "training-service", "training-service/service/src/main/java/dev/loupe/training",
            "inference-service", "inference-service/src/main/java/dev/loupe/inference",
            "service", "common/service/src/main/java/dev/loupe/service",
            "model", "common/model/src/main/java/dev/loupe/model",
            "vision", "common/vision/src/main/java/dev/loupe/vision");

    @Test
    void everyLinkLeadsToAFile() throws IOException {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path page : pages()) {
            Matcher link = LINK.matcher(Files.readString(page));
            while (link.find()) {
                links++;
                if (!Files.exists(page.resolveSibling(link.group(1)))) {
                    broken.add(HOME.relativize(page) + ": " + link.group(1));
                }
            }
        }
        assertTrue(links > 30, "pages are linked: " + links);
        assertEquals(List.of(), broken);
    }

    @Test
    void eachNounIsInTheFolderThatTheArchitectureNames() throws IOException {
        String page = Files.readString(HOME.resolve("docs/architecture.md"));
        String nouns = page.substring(page.indexOf("## Nouns"), page.indexOf("## What is kept where"));
        Matcher place = Pattern.compile("(\\S+) `(\\w+)/`").matcher(nouns);
        int places = 0;
        while (place.find()) {
            Path folder = HOME.resolve(MODULES.get(place.group(1))).resolve(place.group(2));
            assertTrue(Files.isDirectory(folder), place.group() + ": " + folder);
            places++;
        }
        assertTrue(places >= 8, nouns);
    }

    @Test
    void everyCommandIsOnThePageOfCommands() throws IOException {
        String page = Files.readString(HOME.resolve("docs/reference/command-line.md"));
        PrintStream out = System.out;
        ByteArrayOutputStream help = new ByteArrayOutputStream();
        System.setOut(new PrintStream(help, true, StandardCharsets.UTF_8));
        try {
            assertEquals(0, Loupe.run("--help"));
        } finally {
            System.setOut(out);
        }
        Matcher command = Pattern.compile("(?m)^  ([a-z-]+) ").matcher(help.toString(StandardCharsets.UTF_8));
        int commands = 0;
        while (command.find()) {
            commands++;
            assertTrue(
                    command.group(1).equals("help") || page.contains("`" + command.group(1) + "`"), command.group(1));
        }
        assertTrue(commands > 20, "commands of the program: " + commands);
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> tree = Files.walk(HOME)) {
            return tree.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> Stream.of("/target/", "/node_modules/", "/.")
                            .noneMatch(HOME.relativize(file).toString().transform("/"::concat)::contains))
                    .sorted()
                    .toList();
        }
    }
}
