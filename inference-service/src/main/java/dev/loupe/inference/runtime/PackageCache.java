package dev.loupe.inference.runtime;

import dev.loupe.inference.registry.ModelVersion;
import dev.loupe.model.InvalidPackageException;
import dev.loupe.model.ModelManifest;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.Precision;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.Sha256;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.jboss.logging.Logger;

/**
 * Packages on the local disk, each in a folder named by the digest of its manifest, which contains the digests of the
 * other files. Every use verifies all files: a package that changed on disk is downloaded again.
 */
@ApplicationScoped
class PackageCache {
    private static final Logger LOG = Logger.getLogger(PackageCache.class);

    private final ObjectStore store;
    private final Path packages;
    private final Path incoming;
    private final long maxSize;

    PackageCache(ObjectStore store, CacheConfig config) {
        this.store = store;
        this.packages = config.directory().resolve("packages");
        this.incoming = config.directory().resolve("incoming");
        this.maxSize = config.maxSize().asLongValue();
    }

    /**
     * Opens the package of a version, from the disk or else from object storage.
     *
     * @throws InvalidPackageException if the stored package is not the registered one
     * @throws dev.loupe.storage.StorageException if it cannot be downloaded
     */
    ModelPackage open(ModelVersion version) {
        Path folder = packages.resolve(version.manifestSha256());
        if (Files.isDirectory(folder)) {
            try {
                ModelPackage cached = verified(folder, version);
                Files.setLastModifiedTime(folder, FileTime.from(Instant.now()));
                return cached;
            } catch (InvalidPackageException | IOException e) {
                LOG.warnf("cached package %s is invalid and deleted: %s", version.manifestSha256(), e.getMessage());
                delete(folder);
            }
        }
        return download(version, folder);
    }

    private ModelPackage download(ModelVersion version, Path folder) {
        Path part = incoming.resolve(UUID.randomUUID().toString());
        try {
            Files.createDirectories(part);
            Files.createDirectories(packages);
            Path manifestFile = part.resolve(ModelPackage.MANIFEST);
            store.download(version.manifest(), version.manifestSha256(), manifestFile);
            ModelManifest manifest = ModelPackage.parse(Files.readAllBytes(manifestFile));
            String key = version.manifest().key();
            String beside = key.substring(0, key.lastIndexOf('/') + 1);
            manifest.files().forEach((path, file) -> {
                // The key of an object has no dot segments, so the file stays within the folder.
                ObjectLocation location = new ObjectLocation(version.manifest().bucket(), beside + path);
                store.download(location, file.sha256(), part.resolve(path));
            });
            verified(part, version);
            Files.move(part, folder);
            return verified(folder, version);
        } catch (IOException e) {
            throw new UncheckedIOException("package cache: " + e, e);
        } finally {
            delete(part);
        }
    }

    private static ModelPackage verified(Path folder, ModelVersion version) {
        try {
            Path manifest = folder.resolve(ModelPackage.MANIFEST);
            String actual = Files.isRegularFile(manifest) ? Sha256.of(manifest) : "no file";
            if (!actual.equals(version.manifestSha256())) {
                throw new InvalidPackageException("model package: " + ModelPackage.MANIFEST
                        + " was changed: expected sha256 " + version.manifestSha256() + ", got " + actual);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ModelPackage.open(folder);
    }

    /**
     * Returns how many bytes of memory the version took when it was loaded with this model; empty if it never was, with
     * the package that is in the cache now.
     */
    OptionalLong loadedSize(ModelVersion version, Precision precision) {
        Path file = sizeFile(version, precision);
        try {
            return Files.exists(file)
                    ? OptionalLong.of(Long.parseLong(Files.readString(file).strip()))
                    : OptionalLong.empty();
        } catch (IOException | NumberFormatException e) {
            LOG.warnf("could not read %s: %s", file, e.getMessage());
            return OptionalLong.empty();
        }
    }

    /** Keeps how many bytes of memory the version takes; a failure is only logged. */
    void keepLoadedSize(ModelVersion version, Precision precision, long bytes) {
        Path file = sizeFile(version, precision);
        try {
            Files.writeString(file, String.valueOf(bytes));
        } catch (IOException e) {
            LOG.warnf("could not write %s: %s", file, e.getMessage());
        }
    }

    private Path sizeFile(ModelVersion version, Precision precision) {
        return packages.resolve(version.manifestSha256()).resolve("loaded-size-" + precision);
    }

    /** Deletes packages, the least recently used first, down to the maximum size; never those with these digests. */
    void trim(Set<String> keep) {
        try (Stream<Path> all = Files.isDirectory(packages) ? Files.list(packages) : Stream.empty()) {
            List<Path> oldestFirst =
                    all.sorted(Comparator.comparing(PackageCache::lastUsed)).toList();
            long size = 0;
            for (Path folder : oldestFirst) {
                size += FileUtils.sizeOfDirectory(folder.toFile());
            }
            for (Path folder : oldestFirst) {
                if (size > maxSize && !keep.contains(folder.getFileName().toString())) {
                    size -= FileUtils.sizeOfDirectory(folder.toFile());
                    delete(folder);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.warnf("package cache: old packages could not be deleted: %s", e.getMessage());
        }
    }

    private static FileTime lastUsed(Path folder) {
        try {
            return Files.getLastModifiedTime(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) {
        try {
            FileUtils.deleteDirectory(folder.toFile());
        } catch (IOException e) {
            LOG.warnf("could not delete %s: %s", folder, e.getMessage());
        }
    }
}
