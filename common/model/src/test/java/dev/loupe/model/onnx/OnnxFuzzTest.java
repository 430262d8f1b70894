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

/** ONNX files, changed at random: each is read, or refused with a reason. Nothing of them runs here. */
class OnnxFuzzTest {
    private static final int LONGEST_MESSAGE = 2_000;

    private int read;
    private int refused;

    @Test
    void mutatedModelsAreReadOrRefused() throws IOException {
        // The weights are most of the bytes: without them a change hits the structure.
        byte[] whole = Scattering.backbone(32).onnx();
        ModelProto.Builder model = ModelProto.parseFrom(whole).toBuilder();
        model.getGraphBuilder().getInitializerBuilderList().forEach(weights -> weights.clearRawData()
                .clearFloatData());
        List<byte[]> seeds =
                List.of(whole, model.build().toByteArray(), model.build().toByteArray());
        int inputs = new Fuzz("onnx", 2_000, 50_000).run(random -> mutated(seeds, random), this::take);
        assertEquals(inputs, read + refused);
        assertTrue(read > inputs / 20 && refused > inputs / 20, read + " were read, " + refused + " refused");
    }

    private static byte[] mutated(List<byte[]> seeds, RandomGenerator random) {
        return Mutation.of(seeds.get(random.nextInt(seeds.size())), random);
    }

    private void take(byte[] onnx) {
        try {
            OnnxGraph.read(onnx);
            read++;
        } catch (InvalidOnnxException e) {
            assertTrue(e.getMessage().length() < LONGEST_MESSAGE, e.getMessage());
            refused++;
        }
    }
}
