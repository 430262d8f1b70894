package dev.loupe.model.backbone;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.backbone.Backbone.FeatureMap;
import dev.loupe.model.backbone.Backbone.PooledFeatures;
import dev.loupe.model.onnx.InvalidOnnxException;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.onnx.OnnxSession;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TilesTest {
    private static final int SIDE = 160;
    private static final int CHANNELS = 4;
    private static final int STRIDE = 8;
    private static final int IMAGES = 2;

    /** Three convolutions with stride 2, for images of any size: a place sees 15 pixels, fewer than neighbours share. */
    private static byte[] network() {
        OnnxGraph graph = OnnxGraph.create("network");
        Random random = new Random(1);
        String value = graph.input("image", -1, 3, -1, -1);
        int from = 3;
        for (int layer = 0; layer < 3; layer++) {
            float[] weights = new float[CHANNELS * from * 9];
            for (int i = 0; i < weights.length; i++) {
                weights[i] = (float) random.nextGaussian() / 4;
            }
            String convolved = graph.node(
                    "Conv",
                    List.of(value, graph.floats("weights", weights, CHANNELS, from, 3, 3)),
                    OnnxAttribute.of("strides", new long[] {2, 2}),
                    OnnxAttribute.of("pads", new long[] {1, 1, 1, 1}));
            value = graph.node("Relu", List.of(convolved));
            from = CHANNELS;
        }
        graph.output(value, "map", -1, CHANNELS, -1, -1);
        graph.output(graph.reduce("ReduceMean", value, false, 2, 3), "pooled", -1, CHANNELS);
        return graph.toBytes();
    }

    private static Backbone backbone(int stride) {
        int places = SIDE / STRIDE;
        return new Backbone(
                "network",
                "0".repeat(64),
                network(),
                new Preprocessing(SIDE, SIDE, 255, new float[3], new float[] {1, 1, 1}),
                List.of(new FeatureMap("map", CHANNELS, places, places, stride)),
                new PooledFeatures("pooled", CHANNELS));
    }

    private static float[] run(byte[] onnx, float[] images, int side, String output) {
        try (OnnxSession session = new OnnxSession(onnx, 1)) {
            return session.run(images, new long[] {IMAGES, 3, side, side}, List.of(output))
                    .getFirst()
                    .values();
        }
    }

    /** The reference is the same network, whose convolutions see the whole image at once. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void tilesGiveTheMapOfTheWholeImage(int tiles) {
        Backbone tiled = backbone(STRIDE).tiled(tiles);
        int side = tiles * (SIDE - Tiles.OVERLAP) + Tiles.OVERLAP;
        FeatureMap map = tiled.featureMaps().getFirst();
        assertEquals(side, tiled.preprocessing().width());
        assertEquals(new FeatureMap(map.output(), CHANNELS, side / STRIDE, side / STRIDE, STRIDE), map);
        float[] images = new float[IMAGES * 3 * side * side];
        Random random = new Random(2);
        for (int i = 0; i < images.length; i++) {
            images[i] = random.nextFloat();
        }

        assertArrayEquals(run(network(), images, side, "map"), run(tiled.onnx(), images, side, map.output()), 1e-5f);
    }

    @Test
    void aPooledOutputIsTheMeanOfTheTiles() {
        Backbone tiled = backbone(STRIDE).tiled(2);
        int side = tiled.preprocessing().width();
        float[] images = new float[IMAGES * 3 * side * side];
        Random random = new Random(3);
        for (int i = 0; i < images.length; i++) {
            images[i] = random.nextFloat() * i / images.length; // tiles differ
        }
        float[] mean = new float[IMAGES * CHANNELS];
        for (int top : List.of(0, side - SIDE)) {
            for (int left : List.of(0, side - SIDE)) {
                float[] pooled = run(network(), cut(images, side, left, top), SIDE, "pooled");
                for (int i = 0; i < mean.length; i++) {
                    mean[i] += pooled[i] / 4;
                }
            }
        }

        assertArrayEquals(mean, run(tiled.onnx(), images, side, tiled.pooled().output()), 1e-5f);
    }

    /** A tile of each plane of images with this side. */
    private static float[] cut(float[] images, int side, int left, int top) {
        float[] tile = new float[IMAGES * 3 * SIDE * SIDE];
        for (int plane = 0; plane < IMAGES * 3; plane++) {
            for (int row = 0; row < SIDE; row++) {
                System.arraycopy(
                        images, (plane * side + top + row) * side + left, tile, (plane * SIDE + row) * SIDE, SIDE);
            }
        }
        return tile;
    }

    @Test
    void oneTileIsTheBackboneItself() {
        Backbone backbone = backbone(STRIDE);
        assertSame(backbone, backbone.tiled(1));
    }

    @Test
    void mapsWhosePlacesDoNotCoincideAreRefused() {
        String message = assertThrows(
                        InvalidOnnxException.class, () -> backbone(7).tiled(2))
                .getMessage();
        assertTrue(message.contains("'network' can't see an image in tiles"), message);
    }

    @Test
    void tooManyPixelsAreRefused() {
        String message = assertThrows(
                        InvalidOnnxException.class, () -> backbone(STRIDE).tiled(30))
                .getMessage();
        assertTrue(message.contains("at most 2048 pixels in total, got 2944"), message);
    }
}
