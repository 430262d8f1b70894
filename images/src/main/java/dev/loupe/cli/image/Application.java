package dev.loupe.cli.image;

import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.local.BuiltModule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What an image adds to its base: other people's jars in one layer, ours in the next, so that a new build of Loupe sends
 * and stores a few megabytes only.
 *
 * @param layers below first
 * @param arguments of {@code java} that start it
 */
record Application(List<FileEntriesLayer> layers, List<String> arguments) {
    static final AbsoluteUnixPath ROOT = AbsoluteUnixPath.get("/app");
    static final AbsoluteUnixPath CLASS_PATH = ROOT.resolve("classpath");

    /**
     * @param image whose module has been built
     * @param home Loupe's folder
     * @param scratch folder for jars that are copied
     * @throws CommandException when the module has not been built
     */
    static Application of(LoupeImage image, Path home, Path scratch) throws IOException {
        BuiltModule module = new BuiltModule(home, image.module());
        FileEntriesLayer.Builder dependencies = FileEntriesLayer.builder().setName("dependencies");
        FileEntriesLayer.Builder own = FileEntriesLayer.builder().setName("loupe");
        List<String> classPath = new ArrayList<>();
        Map<String, Path> names = new HashMap<>();
        for (Path jar : jars(image, module, scratch)) {
            String name = jar.getFileName().toString();
            Path other = names.put(name, jar);
            if (other != null) {
                throw new CommandException("two jars of one name: " + other + " and " + jar);
            }
            AbsoluteUnixPath path = ROOT.resolve("lib").resolve(name);
            (isOurs(name) ? own : dependencies).addEntry(jar, path);
            classPath.add(path.toString());
        }
        Path file = Files.writeString(
                Files.createDirectories(scratch).resolve(image.label() + ".classpath"), String.join(":", classPath));
        own.addEntry(file, CLASS_PATH);
        List<String> arguments = new ArrayList<>();
        if (image.service().isPresent()) {
            arguments.addAll(BuiltModule.SERVICE_JVM);
        }
        // From a file: ONNX Runtime can't read a command line of some thousand characters.
        arguments.addAll(List.of("-cp", "@" + CLASS_PATH, image.mainClass()));
        return new Application(List.of(dependencies.build(), own.build()), arguments);
    }

    /** The class path. What a service needs of others is one jar behind ours, for the sake of its start. */
    private static List<Path> jars(LoupeImage image, BuiltModule module, Path scratch) throws IOException {
        if (image.service().isPresent()) {
            Map<Boolean, List<Path>> jars = module.service().stream()
                    .collect(Collectors.partitioningBy(
                            jar -> isOurs(jar.getFileName().toString())));
            List<Path> classPath = new ArrayList<>(jars.get(true));
            classPath.add(MergedJar.of(jars.get(false), scratch.resolve("dependencies.jar")));
            return classPath;
        }
        List<Path> classPath = new ArrayList<>();
        for (Path jar : module.program()) {
            classPath.add(LinuxJar.of(jar, scratch));
        }
        return classPath;
    }

    /** Ours by name, or made by Quarkus of what is ours. */
    private static boolean isOurs(String jar) {
        return jar.startsWith("loupe-") || jar.startsWith("dev.loupe.") || jar.endsWith("-bytecode.jar");
    }
}
