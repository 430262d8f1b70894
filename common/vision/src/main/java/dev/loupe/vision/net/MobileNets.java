package dev.loupe.vision.net;

import dev.loupe.vision.net.Layer.BatchNorm;
import dev.loupe.vision.net.Layer.Convolution;
import dev.loupe.vision.net.Layer.Dropout;
import dev.loupe.vision.net.Layer.GlobalAverage;
import dev.loupe.vision.net.Layer.Linear;
import dev.loupe.vision.net.Layer.Relu6;
import dev.loupe.vision.net.Layer.Residual;
import java.util.ArrayList;
import java.util.List;

/** Networks of inverted residual blocks with depthwise convolutions. */
final class MobileNets {
    private static final int FEATURES = 1280;
    private static final float DROPOUT = .2f;

    private MobileNets() {}

    /** Source: Sandler et al., "MobileNetV2", CVPR 2018, table 2. */
    static Net mobileNetV2(int classes) {
        List<Layer> layers = new ArrayList<>();
        mobileStages().forEach(stage -> layers.addAll(stage.layers()));
        return classifier(layers, classes);
    }

    /**
     * The layers of MobileNetV2 in three parts: up to stride 8 (32 channels), up to stride 16 (96 channels), and the
     * rest (stride 32, 1280 channels).
     */
    static List<Net> mobileStages() {
        List<Layer> fine = new ArrayList<>(normalised(new Convolution(3, 32, 3, 2)));
        fine.addAll(blocks(32, 16, 3, 1, 1, 1));
        fine.addAll(blocks(16, 24, 3, 6, 2, 2));
        fine.addAll(blocks(24, 32, 3, 6, 3, 2));
        List<Layer> middle = new ArrayList<>(blocks(32, 64, 3, 6, 4, 2));
        middle.addAll(blocks(64, 96, 3, 6, 3, 1));
        List<Layer> coarse = new ArrayList<>(blocks(96, 160, 3, 6, 3, 2));
        coarse.addAll(blocks(160, 320, 3, 6, 1, 1));
        coarse.addAll(normalised(new Convolution(320, FEATURES, 1, 1)));
        return List.of(new Net(fine), new Net(middle), new Net(coarse));
    }

    /**
     * EfficientNet-B0 without squeeze-and-excitation, with ReLU6.
     *
     * <p>Source: Tan and Le, "EfficientNet", ICML 2019, table 1; the Lite form is of the authors' repository.
     */
    static Net efficientNetLite0(int classes) {
        List<Layer> layers = new ArrayList<>(normalised(new Convolution(3, 32, 3, 2)));
        layers.addAll(blocks(32, 16, 3, 1, 1, 1));
        layers.addAll(blocks(16, 24, 3, 6, 2, 2));
        layers.addAll(blocks(24, 40, 5, 6, 2, 2));
        layers.addAll(blocks(40, 80, 3, 6, 3, 2));
        layers.addAll(blocks(80, 112, 5, 6, 3, 1));
        layers.addAll(blocks(112, 192, 5, 6, 4, 2));
        layers.addAll(blocks(192, 320, 3, 6, 1, 1));
        layers.addAll(normalised(new Convolution(320, FEATURES, 1, 1)));
        return classifier(layers, classes);
    }

    private static Net classifier(List<Layer> layers, int classes) {
        layers.addAll(List.of(new GlobalAverage(), new Dropout(DROPOUT), new Linear(FEATURES, classes)));
        return new Net(layers);
    }

    private static List<Layer> normalised(Convolution convolution) {
        return List.of(convolution, new BatchNorm(convolution.out()), new Relu6());
    }

    private static List<Layer> blocks(int in, int out, int kernel, int expansion, int count, int stride) {
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int from = i == 0 ? in : out;
            int wide = from * expansion;
            List<Layer> body = new ArrayList<>();
            if (expansion > 1) {
                body.addAll(normalised(new Convolution(from, wide, 1, 1)));
            }
            body.addAll(normalised(new Convolution(wide, wide, kernel, i == 0 ? stride : 1, wide)));
            body.addAll(List.of(new Convolution(wide, out, 1, 1), new BatchNorm(out)));
            boolean residual = from == out && (i > 0 || stride == 1);
            layers.addAll(residual ? List.of(new Residual(body, List.of())) : body);
        }
        return layers;
    }
}
