package dev.loupe.vision.recipe.classical;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.recipe.Parameter;
import dev.loupe.vision.recipe.FilterParameters;
import dev.loupe.vision.recipe.RegionParameters;
import io.swagger.v3.oas.annotations.media.Schema;

/** Parameters of {@link ClassicalRecipe}. */
public record ClassicalParameters(
        @Schema(description = Parameter.BACKBONE_DESCRIPTION, format = Parameter.BACKBONE)
        String backbone,

        @Schema(
                description = Parameter.BACKBONE_IMAGE_SIZE_DESCRIPTION,
                format = Parameter.BACKBONE_IMAGE_SIZE,
                minimum = Parameter.SMALLEST_BACKBONE_IMAGE,
                maximum = Parameter.MAX_BACKBONE_IMAGE,
                multipleOf = Parameter.BACKBONE_IMAGE_STEP)
        Integer imageSize,

        @Schema(description = "what learns from the features")
        Learner learner,

        @Schema(
                description = "logistic-regression, linear-svm, rbf-svm: weight C of the errors on TRAIN; without it, C"
                        + " (and gamma, unless it is given) is chosen on DEV",
                minimum = "1e-9",
                maximum = "1e9")
        Double c,

        @Schema(
                description = "rbf-svm: gamma of the kernel exp(-gamma (x - y)²); without it, 1 / (features x variance)"
                        + " if C is given",
                minimum = "1e-12",
                maximum = "1e6")
        Double gamma,

        @Schema(description = "k-nearest-neighbours: number of neighbours", minimum = "1", maximum = "1000")
        int k,

        @Schema(description = "k-nearest-neighbours: whether a near neighbour counts more than a far one")
        boolean distanceWeighted,

        @Schema(description = "random-forest: number of trees", minimum = "1", maximum = "5000")
        int trees,

        @Schema(
                description = "decision-tree, random-forest: most decisions from the root to a leaf",
                minimum = "1",
                maximum = "64")
        int maxDepth,

        @Schema(
                description = "decision-tree, random-forest: fewest TRAIN images in a leaf",
                minimum = "1",
                maximum = "10000")
        int minLeaf,

        @JsonUnwrapped RegionParameters region,

        @JsonUnwrapped FilterParameters filters) {

    static final ClassicalParameters DEFAULTS = new ClassicalParameters(
            BackboneName.SCATTERING,
            null,
            Learner.RBF_SVM,
            null,
            null,
            5,
            false,
            300,
            64,
            1,
            RegionParameters.WHOLE,
            FilterParameters.NONE);
}
