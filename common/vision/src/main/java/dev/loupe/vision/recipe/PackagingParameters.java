package dev.loupe.vision.recipe;

import com.fasterxml.jackson.annotation.JsonValue;
import io.swagger.v3.oas.annotations.media.Schema;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Parameters that every recipe has, because they are about the package and not about the training. */
public record PackagingParameters(
        @Schema(
                description =
                        "package: auto adds a model that computes with 8-bit integers, if it does as well on the DEV"
                                + " images")
        Quantize quantize) {

    public static final PackagingParameters DEFAULTS = new PackagingParameters(Quantize.OFF);

    /** Names of the parameters. */
    static final List<String> NAMES = Arrays.stream(PackagingParameters.class.getRecordComponents())
            .map(RecordComponent::getName)
            .toList();

    /** Whether the package gets a model with 8-bit integers. */
    public enum Quantize {
        OFF,
        AUTO;

        @JsonValue
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Those of a recipe's parameters; one that is absent has its default. */
    public static PackagingParameters of(Map<String, Object> parameters) {
        Object quantize = parameters.get("quantize");
        return quantize == null
                ? DEFAULTS
                : new PackagingParameters(Quantize.valueOf(quantize.toString().toUpperCase(Locale.ROOT)));
    }
}
