package dev.loupe.cli.server;

import java.math.BigDecimal;

/**
 * Preprocessing of a backbone's input: {@code (x / scale - mean) / std} for x in 0..255.
 *
 * @param scale greater than 0
 * @param mean of R, G and B, separated by commas
 * @param std of R, G and B, separated by commas
 */
public record BackboneInput(double scale, String mean, String std) {

    /** What torchvision's and most other networks trained on ImageNet expect. */
    public static final BackboneInput IMAGENET = new BackboneInput(255, "0.485,0.456,0.406", "0.229,0.224,0.225");

    /** The options of {@code ./loupe backbones import} for this input. */
    public String options() {
        return "--scale " + BigDecimal.valueOf(scale).stripTrailingZeros().toPlainString() + " --mean " + mean
                + " --std " + std;
    }
}
