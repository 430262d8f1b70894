package dev.loupe.cli.pretrained;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.cli.pretrained.PyTorchCheckpoint.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Files of {@code torch.save}, written here opcode by opcode: PyTorch before 1.6 is hard to come by. */
class PyTorchCheckpointTest {
    private static final String MAGIC = "\u0080\u0002\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019.";
    private static final String VERSION_AND_MACHINE = "\u0080\u0002M\u00e9\u0003.\u0080\u0002}.";
    private static final String ORDERED = "ccollections\nOrderedDict\n)R";

    /** A state with the tensor {@code w} of shape [2, 3], whose columns lie one after the other in storage {@code 0}. */
    private static final String STATE = "\u0080\u0002" + ORDERED + "(" + text("w")
            + "ctorch._utils\n_rebuild_tensor_v2\n(("
            + text("storage") + "ctorch\nFloatStorage\n" + text("0") + text("cpu")
            + "K\u0006NtQK\u0000K\u0002K\u0003\u0086K\u0001K\u0002\u0086\u0089" + ORDERED + "tRu}b.";

    private static final String KEYS = "\u0080\u0002](" + text("0") + "e.";

    private static String text(String text) {
        return "X" + (char) text.length() + "\u0000\u0000\u0000" + text;
    }

    private static byte[] file(String pickles, float... storage) {
        ByteBuffer numbers =
                ByteBuffer.allocate(Long.BYTES + Float.BYTES * storage.length).order(ByteOrder.LITTLE_ENDIAN);
        numbers.putLong(storage.length);
        numbers.asFloatBuffer().put(storage);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(pickles.getBytes(StandardCharsets.ISO_8859_1));
        file.writeBytes(numbers.array());
        return file.toByteArray();
    }

    private static Map<String, Tensor> read(byte[] file) throws IOException {
        return PyTorchCheckpoint.read(new ByteArrayInputStream(file));
    }

    @Test
    void readsValuesInTheOrderOfTheDimensions() throws IOException {
        Map<String, Tensor> tensors = read(file(MAGIC + VERSION_AND_MACHINE + STATE + KEYS, 1, 4, 2, 5, 3, 6));

        assertEquals(Set.of("w"), tensors.keySet());
        assertArrayEquals(new int[] {2, 3}, tensors.get("w").shape());
        assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, tensors.get("w").values());
    }

    @Test
    void refusesToCallAnythingElse() {
        String call = "\u0080\u0002cos\nsystem\n(" + text("true") + "tR.";

        IOException refused =
                assertThrows(IOException.class, () -> read(file(MAGIC + VERSION_AND_MACHINE + call + KEYS)));

        assertTrue(refused.getMessage().contains("os.system"), refused.getMessage());
    }

    @Test
    void refusesAFileThatEndsEarlyAndOneOfAnotherKind() {
        byte[] whole = file(MAGIC + VERSION_AND_MACHINE + STATE + KEYS, 1, 4, 2, 5, 3, 6);
        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThrows(IOException.class, () -> read(part), "after " + length + " bytes");
        }
        assertThrows(IOException.class, () -> read("PK\u0003\u0004".getBytes(StandardCharsets.ISO_8859_1)));
    }
}
