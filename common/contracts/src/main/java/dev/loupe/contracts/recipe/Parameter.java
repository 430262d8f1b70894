package dev.loupe.contracts.recipe;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A parameter of a recipe: the keywords of its JSON Schema that forms, options and messages show.
 *
 * @param type {@code integer}, {@code number}, {@code boolean} or {@code string}
 * @param description description for users
 * @param defaultValue value if none is given, null if there is none
 * @param format what a value refers to: one of the constants of this class, or null
 * @param minimum smallest value, null if there is none
 * @param maximum largest value, null if there is none
 * @param multipleOf every value is a multiple of it; null if there is no such rule
 * @param values the allowed values, null if they are not enumerated
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Parameter(
        String type,
        String description,
        @JsonProperty("default") Object defaultValue,
        String format,
        BigDecimal minimum,
        BigDecimal maximum,
        BigDecimal multipleOf,
        @JsonProperty("enum") List<Object> values) {

    private static final int MAX_PLAIN_LENGTH = 8;

    /** {@link #format()} of a parameter that names a backbone. */
    public static final String BACKBONE = "backbone";

    /** {@link #format()} of a parameter that names a backbone with a feature map of stride 4 or more. */
    public static final String BACKBONE_WITH_MAPS = "backbone-with-maps";

    /** {@link #format()} of a parameter that names several backbones, separated by commas. */
    public static final String BACKBONES = "backbones";

    /** {@link #description()} of a parameter that names several backbones. */
    public static final String BACKBONES_DESCRIPTION =
            "names of backbones to choose among, separated by commas (default: scattering and all imported ones)";

    /** {@link #format()} of the image size for a built-in backbone; imported ones have an image size of their own. */
    public static final String BACKBONE_IMAGE_SIZE = "backbone-image-size";

    /** {@link #description()} of a parameter that names a backbone. */
    public static final String BACKBONE_DESCRIPTION = "an imported backbone, scattering or hog (built in), random (a"
            + " control), or random:NAME (an imported one with random weights)";

    /** Smallest image size for a built-in backbone. */
    public static final String SMALLEST_BACKBONE_IMAGE = "32";

    /** Largest image size for a built-in backbone. */
    public static final String MAX_BACKBONE_IMAGE = "1024";

    /** An image size for a built-in backbone is a multiple of it. */
    public static final double BACKBONE_IMAGE_STEP = 8;

    /** {@link #description()} of the image size for a built-in backbone. */
    public static final String BACKBONE_IMAGE_SIZE_DESCRIPTION =
            "side in pixels that images are resized to, for the backbones scattering (default: 224) and hog (default:"
                    + " 128)";

    /** Whether a value names a backbone. */
    public boolean isBackbone() {
        return BACKBONE.equals(format) || BACKBONE_WITH_MAPS.equals(format);
    }

    /** The allowed values, in words: {@code a whole number from 1 to 100}. */
    public String expected() {
        if (values != null) {
            return "one of " + values.stream().map(String::valueOf).collect(Collectors.joining(", "));
        }
        if (isBackbone()) {
            return "the name of a backbone";
        }
        if (BACKBONES.equals(format)) {
            return "names of backbones, separated by commas";
        }
        String kind =
                switch (type) {
                    case "integer" -> "a whole number";
                    case "number" -> "a number";
                    case "boolean" -> "true or false";
                    default -> "a text";
                };
        return kind + range() + (multipleOf == null ? "" : ", a multiple of " + text(multipleOf));
    }

    private String range() {
        if (minimum == null) {
            return maximum == null ? "" : " up to " + text(maximum);
        }
        return " from " + text(minimum) + (maximum == null ? "" : " to " + text(maximum));
    }

    private static String text(BigDecimal number) {
        BigDecimal shortest = number.stripTrailingZeros();
        String plain = shortest.toPlainString();
        return plain.length() <= MAX_PLAIN_LENGTH ? plain : shortest.toString().toLowerCase(Locale.ROOT);
    }
}
