package dev.loupe.vision.net;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.function.IntFunction;

/** The networks that can be trained from scratch, by the names that runs use. */
public enum Network {
    RESNET10(32, ResidualNets::resnet10),
    CNN(32, PlainNets::cnn),
    ALEXNET(64, PlainNets::alexNet),
    VGG11(32, classes -> PlainNets.vgg11(classes, false)),
    VGG11_BN(32, classes -> PlainNets.vgg11(classes, true)),
    VGG16(32, classes -> PlainNets.vgg16(classes, false)),
    VGG16_BN(32, classes -> PlainNets.vgg16(classes, true)),
    RESNET18(32, ResidualNets::resnet18),
    RESNET34(32, ResidualNets::resnet34),
    RESNET50(32, ResidualNets::resnet50),
    MOBILENET_V2(32, MobileNets::mobileNetV2),
    SQUEEZENET1_1(32, PlainNets::squeezeNet),
    EFFICIENTNET_LITE0(32, MobileNets::efficientNetLite0);

    private final int minimumSide;
    private final IntFunction<Net> builder;

    Network(int minimumSide, IntFunction<Net> builder) {
        this.minimumSide = minimumSide;
        this.builder = builder;
    }

    /** The network for images [n, 3, side, side] and this number of classes. */
    public Net build(int classes) {
        return builder.apply(classes);
    }

    /** Side in pixels of the smallest images that it can take. */
    public int minimumSide() {
        return minimumSide;
    }

    /** The name in requests: {@code mobilenet-v2}. */
    @JsonValue
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
