package dev.loupe.images;

import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import dev.loupe.cli.CommandException;
import dev.loupe.local.BuiltModule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a container image adds to its base: third-party jars in one layer, Loupe's own in the next, so that a new build of
 * Loupe sends and stores a few megabytes only.
 *
 * @param layers lowest first
 * @param arguments of {@code java} that start it in the folder {@link #ROOT}
 */
record Application(List<FileEntriesLayer> layers, List<String> arguments) {
    static final AbsoluteUnixPath ROOT = AbsoluteUnixPath.get("/app");

    private static final String CLASS_PATH = "classpath";

    /**
     * @param image whose module has been built
     * @param home Loupe's folder
     * @param scratch folder for files that are written for the container image
     * @throws CommandException when the module has not been built
     */
    static Application of(LoupeImage image, Path home, Path scratch) throws IOException {
        BuiltModule module = new BuiltModule(home, image.module());
        return image.service().isPresent()
                ? service(module, image.sboms(home))
                : program(module.program(), image, home, Files.createDirectories(scratch));
    }

    private static Application service(BuiltModule module, Map<String, Path> sboms) throws IOException {
        Path folder = module.service();
        Map<String, Path> files = new TreeMap<>(sboms);
        try (Stream<Path> tree = Files.walk(folder)) {
            tree.filter(Files::isRegularFile)
                    .forEach(file -> files.put(folder.relativize(file).toString(), file));
        }
        List<String> arguments = new ArrayList<>(module.serviceJvm());
        arguments.addAll(List.of("-jar", BuiltModule.SERVICE_JAR));
        return new Application(layers(files), arguments);
    }

    private static Application program(List<Path> jars, LoupeImage image, Path home, Path scratch) throws IOException {
        Map<String, Path> files = new TreeMap<>(image.sboms(home));
        List<String> classPath = new ArrayList<>();
        for (Path jar : jars) {
            String name = "lib/" + jar.getFileName();
            Path other = files.put(name, jar);
            if (other != null) {
                throw new CommandException("two jars have the same name: " + other + " and " + jar);
            }
            classPath.add(ROOT.resolve(name).toString());
        }
        files.put(CLASS_PATH, Files.writeString(scratch.resolve(CLASS_PATH), String.join(":", classPath)));
        // In a file: ONNX Runtime cannot read a command line of some thousand characters.
        return new Application(layers(files), List.of("-cp", "@" + ROOT.resolve(CLASS_PATH), image.mainClass()));
    }

    private static List<FileEntriesLayer> layers(Map<String, Path> files) {
        FileEntriesLayer.Builder dependencies = FileEntriesLayer.builder().setName("dependencies");
        FileEntriesLayer.Builder own = FileEntriesLayer.builder().setName("loupe");
        files.forEach((name, file) -> (isOwn(name) ? own : dependencies).addEntry(file, ROOT.resolve(name)));
        return List.of(dependencies.build(), own.build());
    }

    private static boolean isOwn(String name) {
        return !name.startsWith("lib/") || name.matches(".*/(loupe-|dev\\.loupe\\.)[^/]*");
    }
}
