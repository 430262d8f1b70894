package dev.loupe.inference.serve;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.imaging.ImageConditions;
import dev.loupe.imaging.ImageDecoder;
import dev.loupe.imaging.ImageInspection;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.inference.serve.ModelInput.Decoded;
import dev.loupe.inference.serve.ModelInput.Halves;
import dev.loupe.inference.serve.ModelInput.Images;
import dev.loupe.inference.serve.ModelInput.Prepared;
import dev.loupe.model.ModelManifest;
import dev.loupe.model.NormalRange;
import dev.loupe.model.RangeWarning;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Compares how images were taken with the normal images that a detector learned from. */
final class RangeCheck {
    private static final ObjectMapper JSON = new ObjectMapper();

    private RangeCheck() {}

    /** A warning in a parameter of a response. */
    private record ImageWarning(
            int image, String measure, double value, double minimum, double maximum, String message) {
        static ImageWarning of(int image, RangeWarning warning) {
            return new ImageWarning(
                    image,
                    warning.measure().toString(),
                    warning.value(),
                    warning.minimum(),
                    warning.maximum(),
                    warning.message());
        }
    }

    /** The warnings as JSON, each with the index of its image; empty if there are none. */
    static Optional<String> json(List<List<RangeWarning>> warnings) {
        List<ImageWarning> all = IntStream.range(0, warnings.size())
                .boxed()
                .flatMap(image -> warnings.get(image).stream().map(warning -> ImageWarning.of(image, warning)))
                .toList();
        return all.isEmpty() ? Optional.empty() : Optional.of(text(all));
    }

    /** A value as JSON. */
    static String text(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JacksonException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Returns the warnings for each image, in order. Shape and size of an image that the client has prepared are not
     * known.
     *
     * @param nchw the prepared images
     */
    static List<List<RangeWarning>> warnings(ModelManifest manifest, ModelInput input, float[] nchw) {
        NormalRange range = manifest.input().normalRange();
        if (range == null) {
            return Collections.nCopies(input.count(), List.of());
        }
        List<List<RangeWarning>> warnings = new ArrayList<>(input.count());
        for (int i = 0; i < input.count(); i++) {
            warnings.add(range.warnings(conditions(manifest.preprocessing(), input, nchw, i)));
        }
        return warnings;
    }

    private static ImageConditions conditions(Preprocessing preprocessing, ModelInput input, float[] nchw, int index) {
        ImageConditions conditions = ImageConditions.of(nchw, index, preprocessing);
        return switch (input) {
            case Images images -> {
                ImageInspection header =
                        ImageDecoder.header(images.encoded().get(index).toByteArray());
                yield conditions.withSize(header.width(), header.height());
            }
            case Decoded decoded -> conditions.withSize(decoded.width(), decoded.height());
            case Prepared _, Halves _ -> conditions;
        };
    }
}
