package dev.loupe.images.bundle;

import dev.loupe.cli.CommandException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.codec.digest.MessageDigestAlgorithms;

/**
 * All that a cluster without a way to the world needs, in one archive: images, chart, backbones, their checksums, and a
 * script that verifies and loads them.
 *
 * @param chart folder of the chart
 * @param images archives, named after their images
 * @param backbones ONNX files; may be none
 * @param tag of the images
 */
record Bundle(Path chart, List<Path> images, List<Path> backbones, String tag) {

    /** Writes it, whole or not at all. */
    void write(Path file) throws IOException {
        Map<String, byte[]> texts = new LinkedHashMap<>();
        ChartArchive packed = ChartArchive.of(chart, tag);
        texts.put("chart/" + packed.name(), packed.bytes());
        texts.put("chart/values-demo.yaml", Files.readAllBytes(chart.resolve("values-demo.yaml")));
        texts.put("images/names", names().getBytes(StandardCharsets.UTF_8));
        texts.put("load.sh", script());
        Map<String, Path> files = new LinkedHashMap<>();
        images.forEach(image -> files.put("images/" + image.getFileName(), image));
        for (Path backbone : backbones) {
            if (files.put("backbones/" + backbone.getFileName(), backbone) != null) {
                throw new CommandException("two backbones are called " + backbone.getFileName());
            }
        }
        String root = "loupe-" + tag + "/";
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.createDirectories(file.toAbsolutePath().getParent());
        try (OutputStream target = Files.newOutputStream(next);
                TarFile archive = new TarFile(target)) {
            archive.add(root + "SHA256SUMS", sums(texts, files).getBytes(StandardCharsets.UTF_8), false);
            for (Map.Entry<String, byte[]> text : texts.entrySet()) {
                archive.add(root + text.getKey(), text.getValue(), text.getKey().equals("load.sh"));
            }
            for (Map.Entry<String, Path> each : files.entrySet()) {
                archive.add(root + each.getKey(), each.getValue());
            }
        }
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
    }

    /** A line an image: its archive, its name in a registry. */
    private String names() {
        List<String> lines = new ArrayList<>();
        for (Path image : images) {
            String archive = image.getFileName().toString();
            lines.add(
                    archive + " loupe/" + archive.substring(0, archive.length() - ".tar".length()) + ":" + tag + "\n");
        }
        return String.join("", lines);
    }

    private static byte[] script() throws IOException {
        try (InputStream script = Bundle.class.getResourceAsStream("load.sh")) {
            return script.readAllBytes();
        }
    }

    private static String sums(Map<String, byte[]> texts, Map<String, Path> files) throws IOException {
        Map<String, String> sums = new TreeMap<>();
        texts.forEach((name, content) -> sums.put(name, DigestUtils.sha256Hex(content)));
        for (Map.Entry<String, Path> file : files.entrySet()) {
            sums.put(file.getKey(), new DigestUtils(MessageDigestAlgorithms.SHA_256).digestAsHex(file.getValue()));
        }
        StringBuilder lines = new StringBuilder();
        sums.forEach((name, sum) -> lines.append(sum).append("  ").append(name).append('\n'));
        return lines.toString();
    }
}
