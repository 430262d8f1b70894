package dev.loupe.model.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.testing.Fuzz;
import dev.loupe.testing.Mutation;
import java.io.IOException;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Randomly changed ONNX files: each is read, or rejected with a reason. No model runs. */
class OnnxFuzzTest {
    private static final int MAX_MESSAGE_LENGTH = 2_000;

    private int read;
    private int rejected;

    @Test
    void readsOrRejectsMutatedModels() throws IOException {
        // The weights are most of the bytes; without them, most changes affect the structure.
        byte[] whole = Scattering.backbone(32).onnx();
        ModelProto.Builder model = ModelProto.parseFrom(whole).toBuilder();
        model.getGraphBuilder().getInitializerBuilderList().forEach(weights -> weights.clearRawData()
                .clearFloatData());
        List<byte[]> seeds =
                List.of(whole, model.build().toByteArray(), model.build().toByteArray());
        int inputs = new Fuzz("onnx", 2_000, 50_000).run(random -> mutated(seeds, random), this::readOrReject);
        assertEquals(inputs, read + rejected);
        assertTrue(read > inputs / 20 && rejected > inputs / 20, read + " were read, " + rejected + " rejected");
    }

    private static byte[] mutated(List<byte[]> seeds, RandomGenerator random) {
        return Mutation.of(seeds.get(random.nextInt(seeds.size())), random);
    }

    private void readOrReject(byte[] onnx) {
        try {
            OnnxGraph.read(onnx);
            read++;
        } catch (InvalidOnnxException e) {
            assertTrue(e.getMessage().length() < MAX_MESSAGE_LENGTH, e.getMessage());
            rejected++;
        }
    }
}
