package dev.loupe.vision.recipe;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.SearchRange;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A way to train a model. An implementation is public, has a public constructor without arguments, and is named in
 * {@code META-INF/services/dev.loupe.vision.recipe.TrainingRecipe}; {@link CatalogueGenerator} describes it for users.
 *
 * @param <P> its parameters: a record of numbers, booleans, strings and enums whose components have an
 *     {@link io.swagger.v3.oas.annotations.media.Schema} with description and range, and of such records with {@link
 *     com.fasterxml.jackson.annotation.JsonUnwrapped}, whose components are parameters of the recipe as well
 */
public interface TrainingRecipe<P extends Record> {
    /** Name by which runs select it: lower-case letters, digits and dashes. */
    String name();

    /** Task of the projects that it is for. */
    Task task();

    /** What it does, in one line. */
    String summary();

    /** How it works, in Markdown: the resource {@code description.md} beside the class; empty if there is none. */
    default String description() {
        try (InputStream in = getClass().getResourceAsStream("description.md")) {
            return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The default of each parameter; null for a parameter that is optional and has none. */
    P defaults();

    /**
     * The parameters that a search varies unless it is told others, with the values that it tries: the few that matter
     * most on most images. Empty if there are none.
     */
    default Map<String, SearchRange> searchSpace() {
        return Map.of();
    }

    /**
     * Whether a training with these images needs more than the first of the backbones that its parameters name: each that is
     * loaded takes time and memory.
     *
     * @param labels those of the images, for anomaly detection the normal one first
     */
    default boolean needsAllBackbones(List<TrainingImage> images, List<String> labels) {
        return true;
    }

    /**
     * Trains a model. Writes {@code model.onnx} into the job's work folder and evaluates that file on DEV and TEST.
     * Resumes from the job's latest checkpoint.
     *
     * @param job images, labels, seed, and the backbone if one of the parameters names one
     * @param parameters valid parameters
     * @throws IllegalArgumentException if the images do not suffice
     * @throws dev.loupe.vision.training.CancelledException if the job's progress is cancelled
     */
    TrainedModel train(TrainingJob job, P parameters);

    /** Trains with all defaults. */
    default TrainedModel train(TrainingJob job) {
        return train(job, defaults());
    }

    /**
     * Trains with parameters as they are in a request, checked against the catalogue. One that is absent has its
     * default: a run may have been stored before the recipe had this parameter. {@link PackagingParameters} are ignored.
     *
     * @throws IllegalArgumentException if they cannot be converted
     */
    default TrainedModel train(TrainingJob job, Map<String, Object> parameters) {
        ObjectMapper json = JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .build();
        @SuppressWarnings("unchecked")
        Class<P> type = (Class<P>) defaults().getClass();
        Map<String, Object> all = json.convertValue(defaults(), new TypeReference<LinkedHashMap<String, Object>>() {});
        all.putAll(parameters);
        all.keySet().removeAll(PackagingParameters.NAMES);
        return train(job, json.convertValue(all, type));
    }
}
