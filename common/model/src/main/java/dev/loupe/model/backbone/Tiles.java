package dev.loupe.model.backbone;

import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.backbone.Backbone.FeatureMap;
import dev.loupe.model.backbone.Backbone.PooledFeatures;
import dev.loupe.model.onnx.InvalidOnnxException;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import java.util.ArrayList;
import java.util.List;

/**
 * Lets a backbone see a large image in tiles, inside its graph. The input is cut into {@code tiles × tiles} squares of the
 * backbone's size, of which two neighbours share {@value #OVERLAP} pixels; they pass through the network as one batch. Of the
 * feature maps, each tile gives its middle, up to half of what it shares, and the pieces are put together; so a place
 * near a seam has seen at least {@value #SEEN} pixels around it. A pooled output is the mean of the tiles.
 */
final class Tiles {
    /** Pixels that neighbours share. */
    static final int OVERLAP = 64;
    /** Pixels of the neighbour that a tile sees beyond its own part. */
    static final int SEEN = OVERLAP / 2;
    /** Longest side of an input in pixels. */
    static final int MAX_SIDE = 2048;

    private final Backbone backbone;
    private final int tiles;
    private final OnnxGraph graph;
    private final int width;
    private final int height;

    private Tiles(Backbone backbone, int tiles) {
        this.backbone = backbone;
        this.tiles = tiles;
        this.graph = backbone.graph();
        this.width = side(backbone.preprocessing().width());
        this.height = side(backbone.preprocessing().height());
    }

    /**
     * The same network for larger images.
     *
     * @throws InvalidOnnxException if it has no feature map that can be put together, or its images are too small or too
     *     large for tiles
     */
    static Backbone of(Backbone backbone, int tiles) {
        return new Tiles(backbone, tiles).tiled();
    }

    private int side(int ofTile) {
        int side = tiles * (ofTile - OVERLAP) + OVERLAP;
        if (ofTile <= 2 * OVERLAP || side > MAX_SIDE) {
            throw new InvalidOnnxException(
                    "%d × %d tiles of %d pixels: expected tiles of more than %d pixels, and at most %d pixels in total, got %d"
                            .formatted(tiles, tiles, ofTile, 2 * OVERLAP, MAX_SIDE, side));
        }
        return side;
    }

    private Backbone tiled() {
        List<FeatureMap> whole =
                backbone.featureMaps().stream().filter(this::coversTheTile).toList();
        if (whole.isEmpty() && !backbone.featureMaps().isEmpty()) {
            throw new InvalidOnnxException("backbone '" + backbone.name()
                    + "' can't see an image in tiles: none of its feature maps has a place for each stride of a tile, got "
                    + backbone.featureMaps());
        }
        graph.replaceInput(new long[] {-1, 3, height, width}, this::cut);
        List<FeatureMap> maps = new ArrayList<>();
        for (FeatureMap map : whole) {
            FeatureMap large = new FeatureMap(
                    joined(map), map.channels(), height / map.stride(), width / map.stride(), map.stride());
            graph.output(large.output(), large.output(), -1, large.channels(), large.height(), large.width());
            maps.add(large);
        }
        PooledFeatures pooled = null;
        if (backbone.pooled() != null) {
            int size = backbone.pooled().size();
            String each = graph.reshape(backbone.pooled().output(), (long) tiles * tiles, -1, size);
            pooled = new PooledFeatures(graph.reduce("ReduceMean", each, false, 0), size);
            graph.output(pooled.output(), pooled.output(), -1, size);
        }
        Preprocessing former = backbone.preprocessing();
        return new Backbone(
                backbone.name(),
                backbone.sha256(),
                graph.toBytes(),
                new Preprocessing(width, height, former.scale(), former.mean(), former.std())
                        .with(former.preparation()),
                maps,
                pooled);
    }

    /** Whether the places of a map lie at each stride, so that those of neighbouring tiles coincide. */
    private boolean coversTheTile(FeatureMap map) {
        return SEEN % map.stride() == 0
                && map.width() * map.stride() == backbone.preprocessing().width()
                && map.height() * map.stride() == backbone.preprocessing().height();
    }

    /** Cuts images {@code [n, 3, H, W]} into tiles {@code [tiles * tiles * n, 3, h, w]}: all images of a tile together. */
    private String cut(String images) {
        int tileWidth = backbone.preprocessing().width();
        int tileHeight = backbone.preprocessing().height();
        List<String> cut = new ArrayList<>();
        for (int row = 0; row < tiles; row++) {
            int top = row * (tileHeight - OVERLAP);
            String band = graph.slice(images, 2, top, top + tileHeight);
            for (int column = 0; column < tiles; column++) {
                int left = column * (tileWidth - OVERLAP);
                cut.add(graph.slice(band, 3, left, left + tileWidth));
            }
        }
        return graph.node("Concat", cut, OnnxAttribute.of("axis", 0));
    }

    /** Puts maps of tiles together to maps of images. */
    private String joined(FeatureMap map) {
        String each =
                graph.reshape(map.output(), (long) tiles * tiles, -1, (long) map.channels(), map.height(), map.width());
        int beyond = SEEN / map.stride();
        List<String> bands = new ArrayList<>();
        for (int row = 0; row < tiles; row++) {
            List<String> pieces = new ArrayList<>();
            for (int column = 0; column < tiles; column++) {
                int tile = row * tiles + column;
                String one = graph.reshape(
                        graph.slice(each, 0, tile, tile + 1), -1, map.channels(), map.height(), map.width());
                String part = own(one, 2, row, map.height(), beyond);
                pieces.add(own(part, 3, column, map.width(), beyond));
            }
            bands.add(graph.node("Concat", pieces, OnnxAttribute.of("axis", 3)));
        }
        return graph.node("Concat", bands, OnnxAttribute.of("axis", 2));
    }

    /** What a tile gives of its places in one direction. */
    private String own(String map, int axis, int index, int places, int beyond) {
        return graph.slice(map, axis, index == 0 ? 0 : beyond, index == tiles - 1 ? places : places - beyond);
    }
}
