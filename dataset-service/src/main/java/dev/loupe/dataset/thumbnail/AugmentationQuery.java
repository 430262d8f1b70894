package dev.loupe.dataset.thumbnail;

import dev.loupe.imaging.Augmentation;
import dev.loupe.imaging.BatchMixing;
import dev.loupe.imaging.RandAugment;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.QueryParam;
import java.util.function.Supplier;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;

/** An augmentation in the query of a request: the parameters of the recipes that augment, by the same names. */
public class AugmentationQuery {
    @QueryParam("flipHorizontal")
    @DefaultValue("false")
    @Parameter(description = "mirror half of the images")
    boolean flipHorizontal;

    @QueryParam("flipVertical")
    @DefaultValue("false")
    @Parameter(description = "turn half of the images upside down")
    boolean flipVertical;

    @QueryParam("rotation")
    @DefaultValue("0")
    @Parameter(description = "most degrees of a rotation, 0 to 180")
    double rotation;

    @QueryParam("translation")
    @DefaultValue("0")
    @Parameter(description = "most shift, as a share of the side, 0 to 1")
    double translation;

    @QueryParam("zoom")
    @DefaultValue("0")
    @Parameter(description = "zoom s, by factors from 1 / (1 + s) to 1 + s, 0 to 10")
    double zoom;

    @QueryParam("brightness")
    @DefaultValue("0")
    @Parameter(description = "change of the brightness, 0 to 1")
    double brightness;

    @QueryParam("contrast")
    @DefaultValue("0")
    @Parameter(description = "change of the contrast, 0 to 1")
    double contrast;

    @QueryParam("saturation")
    @DefaultValue("0")
    @Parameter(description = "change of the saturation, 0 to 1")
    double saturation;

    @QueryParam("hue")
    @DefaultValue("0")
    @Parameter(description = "change of the hue, as a share of the circle, 0 to 0.5")
    double hue;

    @QueryParam("erasing")
    @DefaultValue("0")
    @Parameter(description = "probability that a rectangle is erased, 0 to 1")
    double erasing;

    @QueryParam("blur")
    @DefaultValue("0")
    @Parameter(description = "largest standard deviation of a blur, in pixels, 0 to 5")
    double blur;

    @QueryParam("noise")
    @DefaultValue("0")
    @Parameter(description = "largest standard deviation of noise, where 1 is white, 0 to 1")
    double noise;

    @QueryParam("randAugment")
    @DefaultValue("0")
    @Parameter(description = "operations of RandAugment for each image, 0 to 10")
    int randAugment;

    @QueryParam("magnitude")
    @DefaultValue("0.3")
    @Parameter(description = "strength of RandAugment's operations, 0 to 1")
    double magnitude;

    @QueryParam("mixup")
    @DefaultValue("0")
    @Parameter(description = "alpha of mixup, 0 to 1")
    double mixup;

    @QueryParam("cutmix")
    @DefaultValue("0")
    @Parameter(description = "alpha of CutMix, 0 to 1")
    double cutmix;

    BatchMixing mixing() {
        return valid(() -> new BatchMixing(mixup, cutmix));
    }

    Augmentation augmentation() {
        return valid(() -> new Augmentation(
                flipHorizontal,
                flipVertical,
                rotation,
                translation,
                zoom,
                brightness,
                contrast,
                saturation,
                hue,
                erasing,
                blur,
                noise,
                new RandAugment(randAugment, magnitude)));
    }

    private static <T> T valid(Supplier<T> bounds) {
        try {
            return bounds.get();
        } catch (IllegalArgumentException e) {
            throw new ServiceException(ErrorCode.INVALID_REQUEST, e.getMessage(), e);
        }
    }
}
