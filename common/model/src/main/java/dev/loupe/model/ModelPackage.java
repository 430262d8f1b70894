package dev.loupe.model;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.loupe.model.ModelManifest.StoredFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/**
 * A folder with manifest.json, model.onnx and parity/*: a model as it is stored and served. An instance guarantees that
 * all files existed and matched the manifest when it was created.
 *
 * @param folder folder with the files
 * @param manifest manifest of the package
 */
public record ModelPackage(Path folder, ModelManifest manifest) {
    /** Name of the manifest in the folder. */
    public static final String MANIFEST = "manifest.json";
    /** Name of the model in the folder. */
    public static final String MODEL = "model.onnx";
    /** Name of the file with the predictions for the TEST images: a JSON object whose keys are the images' SHA-256. */
    public static final String TEST_PREDICTIONS = "test-predictions.json";

    private static final long MAX_MANIFEST_SIZE = 16 << 20;

    private static final ObjectMapper JSON = JsonMapper.builder()
            // Later versions of this format may add fields.
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    /**
     * Reads a package and verifies each of its files.
     *
     * @throws InvalidPackageException if a file is missing, changed or not readable
     */
    public static ModelPackage open(Path folder) {
        Path file = folder.resolve(MANIFEST);
        ModelManifest manifest;
        try {
            if (!Files.isRegularFile(file)) {
                throw new InvalidPackageException("model package: " + MANIFEST + " is missing");
            }
            if (Files.size(file) > MAX_MANIFEST_SIZE) {
                throw new InvalidPackageException(
                        "model package: " + MANIFEST + " exceeds the limit of " + (MAX_MANIFEST_SIZE >> 20) + " MiB");
            }
            manifest = parse(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new InvalidPackageException("model package: cannot read " + MANIFEST + ": " + e.getMessage(), e);
        }
        ModelPackage opened = new ModelPackage(folder, manifest);
        manifest.files().forEach(opened::verify);
        return opened;
    }

    /**
     * Reads a manifest without verifying its files.
     *
     * @throws InvalidPackageException if the bytes are not a manifest of this format
     */
    public static ModelManifest parse(byte[] manifest) {
        try {
            ModelManifest parsed = JSON.readValue(manifest, ModelManifest.class);
            if (!parsed.files().containsKey(MODEL)) {
                throw new InvalidPackageException("model package: " + MANIFEST + " does not name " + MODEL);
            }
            return parsed;
        } catch (JacksonException e) {
            throw new InvalidPackageException(
                    "model package: " + MANIFEST + " cannot be read: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Writes the manifest into a folder that already contains all other files.
     *
     * @throws InvalidPackageException if they do not match the manifest
     */
    public static ModelPackage seal(Path folder, ModelManifest manifest) {
        try {
            Files.write(folder.resolve(MANIFEST), JSON.writeValueAsBytes(manifest));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return open(folder);
    }

    /** Returns size and digest of a file. */
    public static StoredFile describe(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            long size = new DigestInputStream(in, sha256).transferTo(java.io.OutputStream.nullOutputStream());
            return new StoredFile(HexFormat.of().formatHex(sha256.digest()), size);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is not available", e);
        }
    }

    private void verify(String path, StoredFile expected) {
        Path file = folder.resolve(path).normalize();
        if (!file.startsWith(folder.normalize())) {
            throw new InvalidPackageException("model package: '" + path + "' is outside the package");
        }
        if (!Files.isRegularFile(file)) {
            throw new InvalidPackageException("model package: " + path + " is missing");
        }
        StoredFile actual = describe(file);
        if (!actual.equals(expected)) {
            throw new InvalidPackageException("model package: " + path + " was changed: expected " + expected.size()
                    + " bytes of sha256 " + expected.sha256() + ", got " + actual.size() + " bytes of sha256 "
                    + actual.sha256());
        }
    }

    /** Reads the model file. */
    public byte[] onnx() {
        return read(MODEL);
    }

    /** Reads a file that the manifest names. */
    public byte[] read(String path) {
        if (!manifest.files().containsKey(path)) {
            throw new InvalidPackageException("model package: the manifest does not name '" + path + "'");
        }
        try {
            return Files.readAllBytes(folder.resolve(path));
        } catch (IOException e) {
            throw new InvalidPackageException("model package: cannot read " + path + ": " + e.getMessage(), e);
        }
    }

    /** Returns sizes and digests of all files except the manifest. */
    public Map<String, StoredFile> files() {
        return manifest.files();
    }
}
