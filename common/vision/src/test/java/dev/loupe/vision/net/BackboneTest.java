package dev.loupe.vision.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.model.onnx.InvalidOnnxException;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.onnx.OnnxSession;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackboneTest {
    private static final float[] ZEROS = {0, 0, 0};
    private static final float[] ONES = {1, 1, 1};

    @TempDir
    Path folder;

    @Test
    void outputsAreFoundByRunningTheModel() throws IOException {
        Backbone backbone = imported(RandomBackbones.mobileNet(1).onnx());
        assertEquals(
                List.of(
                        new Backbone.FeatureMap("block6", 32, 28, 28, 8),
                        new Backbone.FeatureMap("block13", 96, 14, 14, 16)),
                backbone.featureMaps());
        assertEquals(new Backbone.PooledFeatures("pooled", 1280), backbone.pooled());
        assertEquals(224, backbone.preprocessing().width());
        assertEquals(64, backbone.sha256().length());
    }

    @Test
    void aRealBackboneIsTakenIn() {
        String shared = System.getenv("LOUPE_SHARED");
        Path file = Path.of(shared == null ? "../../../shared" : shared, "backbones", "mobilenet_v2_features.onnx");
        assumeTrue(Files.exists(file), "skipped: " + file + " is not there; set LOUPE_SHARED");
        Backbone backbone = Backbone.imported("mobilenet", file, 255, ZEROS, ONES);
        assertTrue(backbone.sha256().startsWith("ab3c557f"));
        assertEquals(
                List.of("block6", "block13"),
                backbone.featureMaps().stream().map(Backbone.FeatureMap::output).toList());
        assertEquals(1280, backbone.pooled().size());
    }

    @Test
    void whatIsNoOnnxFileIsRefused() {
        assertRefused("not an ONNX model", "<html>404</html>".getBytes(StandardCharsets.UTF_8));
        assertRefused("not an ONNX model", new byte[0]);
    }

    @Test
    void aTruncatedFileIsRefused() {
        byte[] onnx = Scattering.backbone(32).onnx();
        assertRefused("backbone 'b'", Arrays.copyOf(onnx, onnx.length / 2));
    }

    @Test
    void anInputThatIsNoImageIsRefused() {
        OnnxGraph graph = OnnxGraph.create("grey");
        graph.output(graph.node("Relu", List.of(graph.input("image", -1, 1, 32, 32))), "maps", -1, 1, 32, 32);
        assertRefused("must be [n, 3, height, width]", graph.toBytes());
    }

    @Test
    void aFixedBatchIsRefused() {
        OnnxGraph graph = OnnxGraph.create("one");
        graph.output(graph.node("Relu", List.of(graph.input("image", 1, 3, 32, 32))), "maps", 1, 3, 32, 32);
        assertRefused("dynamic batch dimension", graph.toBytes());
    }

    @Test
    void aModelWhoseAnswerDependsOnTheOtherImagesIsRefused() {
        OnnxGraph graph = OnnxGraph.create("training mode");
        String image = graph.input("image", -1, 3, 32, 32);
        String mean = graph.reduce("ReduceMean", image, true, 0, 2, 3);
        graph.output(graph.node("Sub", List.of(image, mean)), "maps", -1, 3, 32, 32);
        assertRefused("inference mode", graph.toBytes());
    }

    @Test
    void refusesAModelThatGivesNaNForAnImageWithoutContrast() throws IOException {
        assertRefused("trial run on noise and a black image is not finite", dividedBy("ReduceMax"));
        assertRefused("trial run on a white image is not finite", dividedBy("ReduceMin"));
    }

    /** Divides by the largest value, which is 0 for black, or by 1 less the smallest, which is 0 for white. */
    private static byte[] dividedBy(String reduction) {
        OnnxGraph graph = OnnxGraph.create("contrast");
        String image = graph.input("image", -1, 3, 32, 32);
        String divisor = graph.reduce(reduction, image, true, 1, 2, 3);
        if (reduction.equals("ReduceMin")) {
            divisor = graph.node("Sub", List.of(graph.scalar("one", 1), divisor));
        }
        graph.output(graph.node("Div", List.of(image, divisor)), "maps", -1, 3, 32, 32);
        return graph.toBytes();
    }

    @Test
    void tensorsInOtherFilesAreRefused() throws IOException {
        ModelProto.Builder model = ModelProto.parseFrom(Scattering.backbone(32).onnx()).toBuilder();
        model.getGraphBuilder().getInitializerBuilder(0).setDataLocation(TensorProto.DataLocation.EXTERNAL);
        assertRefused("without external data", model.build().toByteArray());
    }

    @Test
    void anOldOpsetIsRefused() throws IOException {
        ModelProto.Builder model = ModelProto.parseFrom(Scattering.backbone(32).onnx()).toBuilder();
        model.getOpsetImportBuilder(0).setVersion(9);
        assertRefused("opset 9 is too old", model.build().toByteArray());
    }

    @Test
    void redrawnWeightsKeepTheNetworkAndForgetWhatItLearnt() {
        Backbone trained = RandomBackbones.mobileNet(1);
        Backbone redrawn = RandomBackbones.withRandomWeights(trained, 2);
        assertEquals(trained.featureMaps(), redrawn.featureMaps());
        assertNotEquals(trained.sha256(), redrawn.sha256());
        assertArrayEquals(
                redrawn.onnx(), RandomBackbones.withRandomWeights(trained, 2).onnx());

        float[] before = pooled(trained);
        float[] after = pooled(redrawn);
        assertFalse(Arrays.equals(before, after));
        for (float value : after) {
            assertTrue(Float.isFinite(value));
        }
        // The same initialisation, so the same magnitude.
        assertEquals(1, norm(after) / norm(before), .9);
    }

    private static float[] pooled(Backbone backbone) {
        float[] image = new float[3 * 224 * 224];
        for (int i = 0; i < image.length; i++) {
            image[i] = (float) Math.sin(.1 * i);
        }
        try (OnnxSession session = new OnnxSession(backbone.onnx(), 1)) {
            return session.run(image, new long[] {1, 3, 224, 224}, List.of("pooled"))
                    .getFirst()
                    .values();
        }
    }

    private static double norm(float[] values) {
        double squares = 0;
        for (float value : values) {
            squares += value * value;
        }
        return Math.sqrt(squares);
    }

    private Backbone imported(byte[] onnx) throws IOException {
        Path file = Files.write(folder.resolve("b.onnx"), onnx);
        return Backbone.imported("b", file, 255, ZEROS, ONES);
    }

    private void assertRefused(String reason, byte[] onnx) {
        String message =
                assertThrows(InvalidOnnxException.class, () -> imported(onnx)).getMessage();
        assertTrue(message.contains(reason), message);
    }
}
