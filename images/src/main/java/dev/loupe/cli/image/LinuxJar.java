package dev.loupe.cli.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Leaves out of a jar the native libraries of other machines than 64-bit x86 Linux. Those of ONNX Runtime alone are 42 of
 * its 54 MB.
 */
final class LinuxJar {
    private static final Pattern NATIVE = Pattern.compile(".*\\.(so(\\.\\d+)*|dylib|jnilib|dll|a)$|.*\\.dSYM/.+");
    private static final Pattern FOREIGN = Pattern.compile("(?i).*\\.(dylib|jnilib|dll)$|.*\\.dSYM/.+"
            + "|.*(aarch|arm|ppc|s390|riscv|loong|mips|sparc|aix|freebsd|openbsd|dragonfly|sunos|android|x86-32"
            + "|linux[-_/](x86|i386)/).*");

    private LinuxJar() {}

    /** The jar itself if it has nothing to leave out, or is signed; else a copy in the folder, of the same name. */
    static Path of(Path jar, Path folder) throws IOException {
        try (ZipFile source = new ZipFile(jar.toFile())) {
            List<? extends ZipEntry> entries = source.stream().toList();
            boolean signed = entries.stream().anyMatch(entry -> entry.getName().matches("META-INF/[^/]+\\.SF"));
            if (signed || entries.stream().noneMatch(LinuxJar::isForeign)) {
                return jar;
            }
            Files.createDirectories(folder);
            Path copy = folder.resolve(jar.getFileName());
            try (OutputStream file = Files.newOutputStream(copy);
                    ZipOutputStream target = new ZipOutputStream(file)) {
                for (ZipEntry entry : entries) {
                    if (!isForeign(entry)) {
                        copy(source, entry, target);
                    }
                }
            }
            return copy;
        }
    }

    static boolean isForeign(ZipEntry entry) {
        String name = entry.getName();
        return NATIVE.matcher(name).matches() && FOREIGN.matcher(name).matches();
    }

    private static void copy(ZipFile source, ZipEntry entry, ZipOutputStream target) throws IOException {
        ZipEntry same = new ZipEntry(entry.getName());
        // As it is written there: no time zone may change the bytes.
        same.setTimeLocal(entry.getTimeLocal());
        target.putNextEntry(same);
        try (InputStream content = source.getInputStream(entry)) {
            content.transferTo(target);
        }
        target.closeEntry();
    }
}
