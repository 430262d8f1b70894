package dev.loupe.images;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.cli.CommandException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.io.FileUtils;

/**
 * The files of a container image in a folder of this machine, with the modification times that they have in the image.
 *
 * @param root folder that is the root of the container image's file system
 * @param config of the image: user, entrypoint, environment, ports
 */
record UnpackedImage(Path root, JsonNode config) {
    private static final String JAVA_HOME = "JAVA_HOME=";

    /**
     * @param folder is emptied first
     * @throws CommandException when {@code tar} cannot unpack it
     */
    static UnpackedImage of(ImageArchive image, Path folder) throws IOException, InterruptedException {
        FileUtils.deleteDirectory(folder.toFile());
        Path archive =
                Files.createDirectories(folder.toAbsolutePath().normalize().resolve("archive"));
        Path root = Files.createDirectories(archive.resolveSibling("root"));
        unpack("-xf", image.file(), archive);
        ObjectMapper json = new ObjectMapper();
        JsonNode manifest =
                json.readTree(archive.resolve("manifest.json").toFile()).path(0);
        for (JsonNode layer : manifest.path("Layers")) {
            unpack("-xzf", archive.resolve(layer.asText()), root);
        }
        JsonNode config = json.readTree(
                        archive.resolve(manifest.path("Config").asText()).toFile())
                .path("config");
        FileUtils.deleteDirectory(archive.toFile());
        return new UnpackedImage(root, config);
    }

    /** What the container image starts, in the folder where it starts it, with {@code options} more for the JVM. */
    List<String> command(List<String> options) {
        Path workingDirectory = path(config.path("WorkingDir").asText());
        List<String> command =
                new ArrayList<>(List.of("sh", "-c", "cd \"$0\" && exec \"$@\"", workingDirectory.toString()));
        command.add(path(javaHome()).resolve("bin/java").toString());
        command.addAll(options);
        command.addAll(strings("Entrypoint").subList(1, strings("Entrypoint").size()));
        return command;
    }

    /** Values of a list in the configuration, such as {@code Env}. */
    List<String> strings(String name) {
        List<String> strings = new ArrayList<>();
        config.path(name).forEach(each -> strings.add(each.asText()));
        return strings;
    }

    private String javaHome() {
        return strings("Env").stream()
                .filter(variable -> variable.startsWith(JAVA_HOME))
                .map(variable -> variable.substring(JAVA_HOME.length()))
                .findFirst()
                .orElseThrow(() -> new CommandException("the environment of the base image has no JAVA_HOME"));
    }

    private Path path(String absolute) {
        return root.resolve(absolute.substring(1));
    }

    private static void unpack(String option, Path archive, Path folder) throws IOException, InterruptedException {
        Process tar = new ProcessBuilder("tar", option, archive.toString(), "-C", folder.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (tar.waitFor() != 0) {
            throw new CommandException("tar cannot unpack " + archive + ": " + output.strip());
        }
    }
}
