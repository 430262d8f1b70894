package dev.loupe.images;

import java.nio.file.Path;

/**
 * A container image in a file, in Docker's format.
 *
 * @param name with its tag
 * @param digest of the image's manifest, as a registry would show it: {@code sha256:…}
 * @param file the archive; its layers are compressed
 */
record ImageArchive(String name, String digest, Path file) {}
