package dev.loupe.model.backbone;

import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.backbone.Backbone.FeatureMap;
import dev.loupe.model.backbone.Backbone.PooledFeatures;
import dev.loupe.model.onnx.InvalidOnnxException;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.model.trial.InputLayout;
import dev.loupe.model.trial.TrialRun;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Results of a trial run of a model: declared shapes are often missing or wrong, so the shapes are computed. */
record BackboneProbe(int width, int height, List<FeatureMap> featureMaps, PooledFeatures pooled) {
    private static final List<String> POOLED_NAMES = List.of("pool", "feat", "embed");

    /** Runs the model on trial images. */
    static BackboneProbe run(OnnxSession session, float scale, float[] mean, float[] std) {
        long[] shape = TrialRun.inputShape(session.input());
        if (shape.length != 4 || (shape[1] != 3 && shape[1] != -1)) {
            throw new InvalidOnnxException("the input '" + session.input().getName()
                    + "' must be [n, 3, height, width] or [n, height, width, 3], it is " + Arrays.toString(shape));
        }
        int height = TrialRun.side(shape[2], Backbone.DEFAULT_SIDE);
        int width = TrialRun.side(shape[3], Backbone.DEFAULT_SIDE);
        Preprocessing preprocessing = new Preprocessing(width, height, scale, mean, std);
        TrialRun trial = TrialRun.of(session, preprocessing, InputLayout.CHANNELS_FIRST);

        List<FeatureMap> maps = new ArrayList<>();
        List<PooledFeatures> vectors = new ArrayList<>();
        for (int i = 0; i < trial.names().size(); i++) {
            String name = trial.names().get(i);
            long[] out = trial.batch().get(i).shape();
            if (out.length < 2 || out[0] != TrialRun.BATCH) {
                continue;
            }
            trial.check(i);
            if (out.length == 4 && out[2] > 1 && out[3] > 1) {
                int stride = (int) Math.max(1, Math.round((double) width / out[3]));
                maps.add(new FeatureMap(name, (int) out[1], (int) out[2], (int) out[3], stride));
            } else if (out.length == 2 && out[1] > 1) {
                vectors.add(new PooledFeatures(name, (int) out[1]));
            }
        }
        if (maps.isEmpty() && vectors.isEmpty()) {
            throw new InvalidOnnxException(
                    "no output is a feature map [n, c, h, w] or a vector [n, c]; the outputs are " + trial.names());
        }
        maps.sort(Comparator.comparingInt(FeatureMap::stride));
        return new BackboneProbe(width, height, maps, pooled(vectors));
    }

    /** Returns the vector whose name indicates pooling, else the first one: the logits of classifiers come last. */
    private static PooledFeatures pooled(List<PooledFeatures> vectors) {
        return vectors.stream()
                .filter(vector -> POOLED_NAMES.stream().anyMatch(vector.output().toLowerCase(Locale.ROOT)::contains))
                .findFirst()
                .orElse(vectors.isEmpty() ? null : vectors.getFirst());
    }
}
