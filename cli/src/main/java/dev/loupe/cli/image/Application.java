package dev.loupe.cli.image;

import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import dev.loupe.cli.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What an image adds to its base: other people's jars in one layer, ours in the next, so that a new build of Loupe sends
 * and stores a few megabytes only.
 *
 * @param layers below first
 * @param arguments of {@code java} that start it
 */
record Application(List<FileEntriesLayer> layers, List<String> arguments) {
    private static final AbsoluteUnixPath ROOT = AbsoluteUnixPath.get("/app");

    /**
     * @param image whose module has been built
     * @param home Loupe's folder
     * @param scratch folder for jars that are copied
     * @throws CommandException when the module has not been built
     */
    static Application of(LoupeImage image, Path home, Path scratch) throws IOException {
        Path target = home.resolve(image.module()).resolve("target");
        return image.mainClass().isPresent()
                ? program(image, target, scratch)
                : quarkus(target.resolve("quarkus-app"), scratch);
    }

    private static Application quarkus(Path folder, Path scratch) throws IOException {
        if (!Files.exists(folder.resolve("quarkus-run.jar"))) {
            throw notBuilt(folder);
        }
        FileEntriesLayer.Builder dependencies = FileEntriesLayer.builder().setName("dependencies");
        FileEntriesLayer.Builder own = FileEntriesLayer.builder().setName("loupe");
        for (Path file : files(folder)) {
            String path = folder.relativize(file).toString();
            boolean foreign = path.startsWith("lib/") && !path.startsWith("lib/main/dev.loupe.");
            (foreign ? dependencies : own)
                    .addEntry(path.endsWith(".jar") ? LinuxJar.of(file, scratch) : file, ROOT.resolve(path));
        }
        return new Application(List.of(dependencies.build(), own.build()), List.of("-jar", "/app/quarkus-run.jar"));
    }

    private static Application program(LoupeImage image, Path target, Path scratch) throws IOException {
        FileEntriesLayer.Builder dependencies = FileEntriesLayer.builder().setName("dependencies");
        FileEntriesLayer.Builder own = FileEntriesLayer.builder().setName("loupe");
        // The order of the class path is kept: a resource of ours may stand in for one of a jar behind it.
        List<String> classPath = new ArrayList<>();
        Map<String, Path> names = new HashMap<>();
        for (Path jar : jars(target)) {
            String name = jar.getFileName().toString();
            Path other = names.put(name, jar);
            if (other != null) {
                throw new CommandException("two jars of one name: " + other + " and " + jar);
            }
            AbsoluteUnixPath path = ROOT.resolve("lib").resolve(name);
            (name.startsWith("loupe-") ? own : dependencies).addEntry(LinuxJar.of(jar, scratch), path);
            classPath.add(path.toString());
        }
        Path file = Files.writeString(
                Files.createDirectories(scratch).resolve(image.label() + ".classpath"), String.join(":", classPath));
        own.addEntry(file, ROOT.resolve("classpath"));
        return new Application(
                List.of(dependencies.build(), own.build()),
                List.of("-cp", "@/app/classpath", image.mainClass().orElseThrow()));
    }

    /** The module's own jar first, then its runtime class path. */
    private static List<Path> jars(Path target) throws IOException {
        Path classPath = target.resolve("classpath");
        if (!Files.exists(classPath)) {
            throw notBuilt(target);
        }
        List<Path> jars = new ArrayList<>();
        try (Stream<Path> built = Files.list(target)) {
            jars.add(built.filter(file -> file.getFileName().toString().matches("loupe-[a-z]+-[0-9][0-9.]*\\.jar"))
                    .findFirst()
                    .orElseThrow(() -> notBuilt(target)));
        }
        for (String jar : Files.readString(classPath).strip().split(":")) {
            jars.add(Path.of(jar));
        }
        return jars;
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> tree = Files.walk(folder)) {
            return tree.filter(Files::isRegularFile)
                    .sorted(Comparator.naturalOrder())
                    .toList();
        }
    }

    private static CommandException notBuilt(Path folder) {
        return new CommandException(folder + " is not built: build it with mvn install -DskipTests");
    }
}
