package dev.loupe.vision.recipe.patchcore;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The learned parameters of a PatchCore model.
 *
 * @param whitening what is done to features before they are compared
 * @param patches features of normal patches, after it
 * @param origins where each of them was seen; null in checkpoints of earlier versions
 */
record MemoryBank(Whitening whitening, Patches patches, Origins origins) {
    static final String FILE = "memory-bank.bin";
    private static final int MAX_VALUES = 1 << 28;

    /**
     * Where patches were seen.
     *
     * @param images for each patch, the index of the normal TRAIN image
     * @param places for each patch, the index of its place in the grid of the features
     */
    record Origins(int[] images, int[] places) {
        /** The origins of some patches. */
        Origins select(int[] rows) {
            return new Origins(
                    Arrays.stream(rows).map(row -> images[row]).toArray(),
                    Arrays.stream(rows).map(row -> places[row]).toArray());
        }
    }

    void write(Path file) throws IOException {
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            write(out, whitening.mean());
            write(out, whitening.matrix());
            write(out, patches.values());
            for (int i = 0; origins != null && i < origins.images().length; i++) {
                out.writeInt(origins.images()[i]);
                out.writeInt(origins.places()[i]);
            }
        }
    }

    /**
     * @param treatment treatment that the bank was written with, which is not in the file
     * @throws UncheckedIOException if the file has no complete memory bank
     */
    static MemoryBank read(Path file, Treatment treatment) {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            Whitening whitening = new Whitening(read(in), read(in), treatment == Treatment.L2);
            Patches patches = new Patches(read(in), whitening.to());
            return new MemoryBank(whitening, patches, in.available() > 0 ? origins(in, patches.count()) : null);
        } catch (IOException e) {
            throw new UncheckedIOException("checkpoint: can't read the memory bank: " + e.getMessage(), e);
        }
    }

    private static Origins origins(DataInputStream in, int count) throws IOException {
        Origins origins = new Origins(new int[count], new int[count]);
        for (int i = 0; i < count; i++) {
            origins.images()[i] = in.readInt();
            origins.places()[i] = in.readInt();
        }
        return origins;
    }

    private static void write(DataOutputStream out, float[] values) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length);
        bytes.asFloatBuffer().put(values);
        out.writeInt(values.length);
        out.write(bytes.array());
    }

    private static float[] read(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 1 || length > MAX_VALUES) {
            throw new IOException("a length of " + length);
        }
        byte[] bytes = in.readNBytes(Float.BYTES * length);
        if (bytes.length != Float.BYTES * length) {
            throw new IOException("it is truncated");
        }
        FloatBuffer floats = ByteBuffer.wrap(bytes).asFloatBuffer();
        float[] values = new float[length];
        floats.get(values);
        return values;
    }
}
