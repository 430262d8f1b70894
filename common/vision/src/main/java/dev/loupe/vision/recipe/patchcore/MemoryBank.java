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

/**
 * The learned parameters of a PatchCore model.
 *
 * @param whitening whitening of features before they are compared
 * @param patches whitened features of normal patches
 */
record MemoryBank(Whitening whitening, Patches patches) {
    private static final String FILE = "memory-bank.bin";
    private static final int MAX_VALUES = 1 << 28;

    void write(Path folder) throws IOException {
        try (DataOutputStream out =
                new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(folder.resolve(FILE))))) {
            write(out, whitening.mean());
            write(out, whitening.matrix());
            write(out, patches.values());
        }
    }

    /**
     * @throws UncheckedIOException if the folder has no complete memory bank
     */
    static MemoryBank read(Path folder) {
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(folder.resolve(FILE))))) {
            Whitening whitening = new Whitening(read(in), read(in));
            return new MemoryBank(whitening, new Patches(read(in), whitening.to()));
        } catch (IOException e) {
            throw new UncheckedIOException("checkpoint: can't read the memory bank: " + e.getMessage(), e);
        }
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
