package dev.loupe.cli.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * An image in a file, in Docker's format.
 *
 * @param name with its tag
 * @param digest of the image's manifest, as a registry would show it: {@code sha256:…}
 * @param file the archive
 * @param packed bytes of the layers as they are sent
 * @param unpacked bytes of the layers on the disk of a node
 * @param config of the image: user, entrypoint, environment, ports
 */
record ImageArchive(String name, String digest, Path file, long packed, long unpacked, JsonNode config) {

    static ImageArchive read(Path file, String name, String digest) throws IOException {
        ObjectMapper json = new ObjectMapper();
        JsonNode manifest = null;
        Map<String, JsonNode> documents = new HashMap<>();
        List<Long> packed = new ArrayList<>();
        long unpacked = 0;
        try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
                TarArchiveInputStream archive = new TarArchiveInputStream(bytes)) {
            for (TarArchiveEntry entry; (entry = archive.getNextEntry()) != null; ) {
                if (entry.getName().endsWith(".tar.gz")) {
                    packed.add(entry.getSize());
                    unpacked += new GZIPInputStream(archive, 1 << 16).transferTo(OutputStream.nullOutputStream());
                } else if (entry.getName().equals("manifest.json")) {
                    manifest = json.readTree(archive.readAllBytes());
                } else if (entry.getName().endsWith(".json")) {
                    documents.put(entry.getName(), json.readTree(archive.readAllBytes()));
                }
            }
        }
        if (manifest == null) {
            throw new IOException(file + " is no image in Docker's format: it has no manifest.json");
        }
        JsonNode config = documents.get(manifest.at("/0/Config").asText()).path("config");
        return new ImageArchive(
                name, digest, file, packed.stream().mapToLong(Long::longValue).sum(), unpacked, config);
    }
}
