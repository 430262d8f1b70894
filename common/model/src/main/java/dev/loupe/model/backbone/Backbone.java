package dev.loupe.model.backbone;

import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.onnx.InvalidOnnxException;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.onnx.OnnxSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A network that turns images into features, as an ONNX model with one input {@code [n, 3, height, width]}.
 *
 * @param name name of the backbone
 * @param sha256 digest of the ONNX file, in lower-case hexadecimal
 * @param onnx the model file; must not be modified
 * @param preprocessing how an image becomes the model's input
 * @param featureMaps outputs {@code [n, channels, height, width]}, from fine to coarse; may be empty
 * @param pooled the output {@code [n, size]} that describes a whole image, null if there is none
 */
public record Backbone(
        String name,
        String sha256,
        byte[] onnx,
        Preprocessing preprocessing,
        List<FeatureMap> featureMaps,
        PooledFeatures pooled) {

    /** Side of the square that images are resized to, if the model does not fix it. */
    public static final int DEFAULT_SIDE = 224;
    /** Maximum size of an imported file in bytes. */
    public static final long MAX_FILE_SIZE = 512L << 20;

    /**
     * An output {@code [n, channels, height, width]}.
     *
     * @param output name of the output
     * @param channels number of features of a place
     * @param height number of places from top to bottom
     * @param width number of places from left to right
     * @param stride distance between neighbouring places in pixels of the input
     */
    public record FeatureMap(String output, int channels, int height, int width, int stride) {}

    /**
     * An output {@code [n, size]}.
     *
     * @param output name of the output
     * @param size number of features of an image
     */
    public record PooledFeatures(String output, int size) {}

    public Backbone {
        featureMaps = List.copyOf(featureMaps);
        if (featureMaps.isEmpty() && pooled == null) {
            throw new InvalidOnnxException("backbone '" + name + "' has neither a feature map nor a pooled output");
        }
    }

    /**
     * Imports an ONNX file: reads it, loads it in ONNX Runtime, checks its input and determines its outputs by running
     * it.
     *
     * @param name name of the backbone
     * @param file ONNX file to import
     * @param scale the input is {@code (x / scale - mean) / std} for x in 0..255
     * @param mean mean of each colour channel: R, G, B
     * @param std standard deviation of each colour channel: R, G, B
     * @throws InvalidOnnxException if it cannot be used as a backbone; the message says why
     */
    public static Backbone imported(String name, Path file, float scale, float[] mean, float[] std) {
        byte[] onnx;
        try {
            long size = Files.size(file);
            if (size > MAX_FILE_SIZE) {
                throw new InvalidOnnxException(
                        "backbone '" + name + "': " + size + " bytes exceed the limit of " + MAX_FILE_SIZE + " bytes");
            }
            onnx = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new InvalidOnnxException("backbone '" + name + "': cannot read " + file + ": " + e.getMessage(), e);
        }
        return of(name, onnx, scale, mean, std);
    }

    /** Like {@link #imported}, from bytes. */
    public static Backbone of(String name, byte[] onnx, float scale, float[] mean, float[] std) {
        try {
            OnnxGraph graph = OnnxGraph.read(onnx);
            try (OnnxSession session = new OnnxSession(onnx, 1)) {
                session.requireOneInput();
                Optional<byte[]> adapted = ChannelsLast.adapted(graph, session);
                if (adapted.isEmpty()) {
                    return of(name, onnx, onnx, BackboneProbe.run(session, scale, mean, std), scale, mean, std);
                }
                try (OnnxSession first = new OnnxSession(adapted.get(), 1)) {
                    BackboneProbe probe = BackboneProbe.run(first, scale, mean, std);
                    return of(name, onnx, adapted.get(), probe, scale, mean, std);
                }
            }
        } catch (InvalidOnnxException e) {
            throw new InvalidOnnxException("backbone '" + name + "': " + e.getMessage(), e);
        }
    }

    private static Backbone of(
            String name, byte[] file, byte[] network, BackboneProbe probe, float scale, float[] mean, float[] std) {
        return new Backbone(
                name,
                sha256(file),
                network,
                new Preprocessing(probe.width(), probe.height(), scale, mean, std),
                probe.featureMaps(),
                probe.pooled());
    }

    /** Returns the feature map with this output name. */
    public Optional<FeatureMap> featureMap(String output) {
        return featureMaps.stream().filter(map -> map.output().equals(output)).findFirst();
    }

    /** The same network for images that are preprocessed in this way. */
    public Backbone with(Preprocessing other) {
        return new Backbone(name, sha256, onnx, other, featureMaps, pooled);
    }

    /**
     * The same network for larger images, which it sees in overlapping tiles: small defects keep their size.
     *
     * @param tiles number of tiles in each direction, at least 1; with 1, it is this backbone
     * @throws InvalidOnnxException if it has no feature map that can be put together
     */
    public Backbone tiled(int tiles) {
        return tiles == 1 ? this : Tiles.of(this, tiles);
    }

    /** Returns a new copy of the graph without outputs, to append nodes to. */
    public OnnxGraph graph() {
        return OnnxGraph.read(onnx).withoutOutputs();
    }

    /** Returns the SHA-256 of the bytes, in lower-case hexadecimal. */
    public static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is not available", e);
        }
    }
}
