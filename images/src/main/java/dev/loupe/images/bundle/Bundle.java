package dev.loupe.images.bundle;

import dev.loupe.cli.CommandException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.codec.digest.MessageDigestAlgorithms;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.io.FileUtils;

/**
 * All that a cluster without internet access needs, in one tar archive: container images, chart, backbones, their
 * checksums, and a script that verifies and loads them. The same files give the same bytes.
 *
 * @param chart folder of the chart
 * @param images archives, named after their images
 * @param backbones ONNX files; may be none
 * @param tag of the images
 */
record Bundle(Path chart, List<Path> images, List<Path> backbones, String tag) {
    private static final FileTime TIME = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));

    /** Writes it completely or not at all. */
    void write(Path file) throws IOException {
        Path scratch = Files.createTempDirectory("loupe-bundle");
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.createDirectories(file.toAbsolutePath().getParent());
        try (TarArchiveOutputStream archive =
                new TarArchiveOutputStream(new BufferedOutputStream(Files.newOutputStream(next), 1 << 16), "UTF-8")) {
            archive.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            archive.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
            for (Map.Entry<String, Path> each : files(scratch).entrySet()) {
                add(archive, each.getKey(), each.getValue());
            }
        } finally {
            FileUtils.deleteDirectory(scratch.toFile());
        }
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
    }

    /** The files by their paths in the bundle, sorted: the checksums come first. */
    private Map<String, Path> files(Path scratch) throws IOException {
        Map<String, Path> files = new TreeMap<>();
        try (Stream<Path> tree = Files.walk(chart)) {
            tree.filter(Files::isRegularFile).forEach(file -> files.put("chart/loupe/" + chart.relativize(file), file));
        }
        files.put("chart/loupe/Chart.yaml", Files.writeString(scratch.resolve("Chart.yaml"), taggedChart()));
        images.forEach(image -> files.put("images/" + image.getFileName(), image));
        files.put("images/names", Files.write(scratch.resolve("names"), names()));
        for (Path backbone : backbones) {
            if (files.put("backbones/" + backbone.getFileName(), backbone) != null) {
                throw new CommandException("two backbones have the name " + backbone.getFileName());
            }
        }
        try (InputStream script = Bundle.class.getResourceAsStream("load.sh")) {
            Files.copy(script, scratch.resolve("load.sh"));
        }
        files.put("load.sh", scratch.resolve("load.sh"));
        files.put("SHA256SUMS", Files.writeString(scratch.resolve("SHA256SUMS"), checksums(files)));
        return files;
    }

    /** Its appVersion is the tag of the images that it installs where the values name none. */
    private String taggedChart() throws IOException {
        return Files.readString(chart.resolve("Chart.yaml"))
                .replaceFirst("(?m)^appVersion: .+$", "appVersion: \"" + tag + "\"");
    }

    /** One line for each image: its archive, and its name in a registry. */
    private List<String> names() {
        return images.stream()
                .map(image -> image.getFileName().toString())
                .map(archive -> archive + " loupe/" + archive.replaceFirst("\\.tar$", "") + ":" + tag)
                .toList();
    }

    private static String checksums(Map<String, Path> files) throws IOException {
        DigestUtils sha256 = new DigestUtils(MessageDigestAlgorithms.SHA_256);
        StringBuilder lines = new StringBuilder();
        for (Map.Entry<String, Path> file : files.entrySet()) {
            lines.append(sha256.digestAsHex(file.getValue()))
                    .append("  ")
                    .append(file.getKey())
                    .append('\n');
        }
        return lines.toString();
    }

    private void add(TarArchiveOutputStream archive, String name, Path file) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry("loupe-" + tag + "/" + name);
        entry.setSize(Files.size(file));
        entry.setLastModifiedTime(TIME);
        entry.setMode(name.equals("load.sh") ? 0755 : 0644);
        archive.putArchiveEntry(entry);
        Files.copy(file, archive);
        archive.closeArchiveEntry();
    }
}
