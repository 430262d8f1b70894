package dev.loupe.cli.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * One jar that stands for many on a class path: a JVM opens and asks one where it would open and ask hundreds, a
 * twelfth of a service's start. The first of several resources of one name is the one that is found, as it would be
 * there; others that differ, such as licences, are kept in a folder by the name of their jar. What programs read from all
 * jars together is joined. Native libraries of other machines are left out, see {@link LinuxJar}.
 *
 * <p>The same jars give the same bytes.
 */
final class MergedJar {
    private static final String MANIFEST = "META-INF/MANIFEST.MF";
    /** What speaks of one jar alone: manifest, index, module, signature. */
    private static final Pattern OF_ONE_JAR =
            Pattern.compile("META-INF/(MANIFEST\\.MF|INDEX\\.LIST|[^/]+\\.(SF|RSA|DSA|EC))"
                    + "|(META-INF/versions/\\d+/)?module-info\\.class");
    /** Lists that are asked of all jars. */
    private static final Pattern JOINED =
            Pattern.compile("META-INF/(services/[^/]+|io\\.netty\\.versions\\.properties)");

    private final ZipArchiveOutputStream target;
    private final Map<String, Long> written = new HashMap<>();
    private final Map<String, ByteArrayOutputStream> joined = new LinkedHashMap<>();

    private MergedJar(ZipArchiveOutputStream target) {
        this.target = target;
    }

    /**
     * @param jars in the order of the class path
     * @param file to write
     * @return the file
     */
    static Path of(List<Path> jars, Path file) throws IOException {
        Files.createDirectories(file.getParent());
        try (ZipArchiveOutputStream target = new ZipArchiveOutputStream(file)) {
            MergedJar merged = new MergedJar(target);
            merged.write(
                    MANIFEST, "Manifest-Version: 1.0\r\nMulti-Release: true\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            for (Path jar : jars) {
                merged.add(jar);
            }
            for (Map.Entry<String, ByteArrayOutputStream> list : merged.joined.entrySet()) {
                merged.write(list.getKey(), list.getValue().toByteArray());
            }
        }
        return file;
    }

    private void add(Path jar) throws IOException {
        try (ZipFile source = ZipFile.builder().setPath(jar).get()) {
            boolean multiRelease = isMultiRelease(source);
            for (ZipArchiveEntry entry : Collections.list(source.getEntries())) {
                String name = entry.getName();
                if (OF_ONE_JAR.matcher(name).matches()
                        || LinuxJar.isForeign(entry)
                        || (name.startsWith("META-INF/versions/") && !multiRelease)) {
                    continue;
                }
                if (JOINED.matcher(name).matches()) {
                    join(source, entry);
                } else {
                    copy(source, entry, jar);
                }
            }
        }
    }

    private static boolean isMultiRelease(ZipFile source) throws IOException {
        ZipArchiveEntry entry = source.getEntry(MANIFEST);
        if (entry == null) {
            return false;
        }
        try (InputStream content = source.getInputStream(entry)) {
            return Boolean.parseBoolean(
                    new Manifest(content).getMainAttributes().getValue("Multi-Release"));
        }
    }

    private void join(ZipFile source, ZipArchiveEntry entry) throws IOException {
        ByteArrayOutputStream list = joined.computeIfAbsent(entry.getName(), name -> new ByteArrayOutputStream());
        try (InputStream content = source.getInputStream(entry)) {
            content.transferTo(list);
        }
        list.write('\n'); // a list need not end its last line
    }

    private void copy(ZipFile source, ZipArchiveEntry entry, Path jar) throws IOException {
        ZipArchiveEntry copied = entry;
        Long first = written.putIfAbsent(entry.getName(), entry.getCrc());
        if (first != null) {
            if (first == entry.getCrc()) {
                return;
            }
            copied = named("META-INF/" + jar.getFileName() + "/" + entry.getName(), entry);
        }
        target.addRawArchiveEntry(copied, source.getRawInputStream(entry));
    }

    private static ZipArchiveEntry named(String name, ZipArchiveEntry entry) {
        ZipArchiveEntry named = new ZipArchiveEntry(name);
        named.setTime(entry.getTime());
        named.setMethod(entry.getMethod());
        named.setSize(entry.getSize());
        named.setCompressedSize(entry.getCompressedSize());
        named.setCrc(entry.getCrc());
        return named;
    }

    private void write(String name, byte[] content) throws IOException {
        ZipArchiveEntry entry = new ZipArchiveEntry(name);
        entry.setTime(0);
        target.putArchiveEntry(entry);
        target.write(content);
        target.closeArchiveEntry();
    }
}
