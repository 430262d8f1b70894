package dev.loupe.images.bundle;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * A chart as {@code helm package} writes it, by what Helm defines: a compressed tar archive of its folder. Not by Helm
 * itself: packing needs no Helm, and the bytes are the same each time.
 *
 * @param name of the file, with the chart's version
 */
record ChartArchive(String name, byte[] bytes) {
    private static final Pattern VERSION = Pattern.compile("(?m)^version: (.+)$");
    private static final Pattern APP_VERSION = Pattern.compile("(?m)^appVersion: .+$");
    private static final Pattern IGNORED = Pattern.compile("\\.DS_Store|\\.helmignore|.*\\.(tgz|orig)");

    /** @param tag of the images that it installs where the values name none */
    static ChartArchive of(Path folder, String tag) throws IOException {
        String description = Files.readString(folder.resolve("Chart.yaml"));
        Matcher version = VERSION.matcher(description);
        if (!version.find()) {
            throw new IOException(folder + "/Chart.yaml has no version");
        }
        byte[] tagged = APP_VERSION
                .matcher(description)
                .replaceFirst("appVersion: " + Matcher.quoteReplacement("\"" + tag + "\""))
                .getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarFile archive = new TarFile(new GZIPOutputStream(bytes))) {
            archive.add("loupe/Chart.yaml", tagged, false);
            for (Path file : files(folder)) {
                archive.add("loupe/" + folder.relativize(file), file);
            }
        }
        return new ChartArchive("loupe-" + version.group(1) + ".tgz", bytes.toByteArray());
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> tree = Files.walk(folder)) {
            return tree.filter(Files::isRegularFile)
                    .filter(file ->
                            !IGNORED.matcher(file.getFileName().toString()).matches())
                    .filter(file -> !file.equals(folder.resolve("Chart.yaml")))
                    .sorted()
                    .toList();
        }
    }
}
