package dev.loupe.images;

import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import dev.loupe.cli.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.commons.io.FileUtils;

/**
 * A base image made of files of this machine: a Java runtime by {@code jlink} and the C library, without a package manager;
 * with a shell only where one is asked for. For tests and for machines that reach no registry; a maintained base gets
 * security updates.
 */
final class OfflineBase {
    /** Modules that the services, their libraries and the embedded servers use. */
    private static final String MODULES =
            "java.se,jdk.unsupported,jdk.zipfs,jdk.naming.dns,jdk.net,jdk.management,jdk.management.agent,jdk.charsets,"
                    + "jdk.jfr,jdk.security.auth,jdk.nio.mapmode,jdk.httpserver";

    private static final List<String> LIBRARIES = List.of(
            "libc.so.6",
            "libm.so.6",
            "libdl.so.2",
            "libpthread.so.0",
            "librt.so.1",
            "libutil.so.1",
            "libresolv.so.2",
            "libnss_dns.so.2",
            "libnss_files.so.2",
            "libgcc_s.so.1",
            "libstdc++.so.6",
            "libz.so.1");
    private static final Path LIBRARY_FOLDER = Path.of("/lib/x86_64-linux-gnu");
    private static final String LOADER = "/lib64/ld-linux-x86-64.so.2";
    private static final String RUNTIME = "/opt/java/openjdk";

    private final Path runtime;

    /** @param scratch folder that keeps the Java runtime for the next time */
    OfflineBase(Path scratch) {
        this.runtime = scratch.resolve("runtime-" + Runtime.version());
    }

    /** @param shell whether it has a shell */
    JibContainerBuilder build(boolean shell) throws IOException, InterruptedException {
        if (!Files.isDirectory(runtime)) {
            link();
        }
        return Jib.fromScratch()
                .addFileEntriesLayer(system(shell))
                .addFileEntriesLayer(java())
                .setEnvironment(
                        Map.of("JAVA_HOME", RUNTIME, "PATH", RUNTIME + "/bin:/usr/bin:/bin", "LANG", "C.UTF-8"));
    }

    private void link() throws IOException, InterruptedException {
        Path jlink = Path.of(System.getProperty("java.home"), "bin", "jlink");
        Path next = runtime.resolveSibling(runtime.getFileName() + ".next");
        Files.createDirectories(runtime.getParent());
        FileUtils.deleteDirectory(next.toFile());
        Process process = new ProcessBuilder(
                        jlink.toString(),
                        "--add-modules",
                        MODULES,
                        "--strip-java-debug-attributes",
                        "--no-header-files",
                        "--no-man-pages",
                        "--compress",
                        "zip-6",
                        "--generate-cds-archive",
                        "--output",
                        next.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new CommandException("jlink failed: " + said.strip());
        }
        // The class archive of heaps larger than 32 GB; such a JVM starts without.
        Files.deleteIfExists(next.resolve("lib/server/classes_nocoops.jsa"));
        Files.move(next, runtime);
    }

    private static FileEntriesLayer system(boolean shell) {
        FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName("system");
        for (String library : LIBRARIES) {
            Path file = LIBRARY_FOLDER.resolve(library);
            if (Files.exists(file)) {
                layer.addEntry(
                        real(file),
                        AbsoluteUnixPath.get("/lib/x86_64-linux-gnu").resolve(library));
            }
        }
        FilePermissions executable = FilePermissions.fromOctalString("755");
        layer.addEntry(real(Path.of(LOADER)), AbsoluteUnixPath.get(LOADER), executable);
        if (shell) {
            layer.addEntry(real(Path.of("/bin/sh")), AbsoluteUnixPath.get("/bin/sh"), executable);
        }
        return layer.build();
    }

    private FileEntriesLayer java() throws IOException {
        return FileEntriesLayer.builder()
                .setName("java")
                .addEntryRecursive(
                        runtime,
                        AbsoluteUnixPath.get(RUNTIME),
                        (file, path) -> FilePermissions.fromOctalString(Files.isExecutable(file) ? "755" : "644"))
                .build();
    }

    private static Path real(Path file) {
        try {
            return file.toRealPath();
        } catch (IOException absent) {
            throw new CommandException(
                    "the offline base needs a 64-bit x86 Linux with glibc: " + file + " does not exist", absent);
        }
    }
}
