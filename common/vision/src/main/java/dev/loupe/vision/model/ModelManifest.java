package dev.loupe.vision.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.loupe.vision.image.Preprocessing;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The manifest.json of a model package: all that someone needs to run model.onnx, to trust it and to know its origin.
 *
 * @param formatVersion of this document, {@value #FORMAT}
 * @param task the model does
 * @param input the model takes
 * @param preprocessing from an image to the input
 * @param labels in the order of the outputs; for anomaly detection the normal label, then the abnormal one
 * @param threshold from which an image is anomalous; absent for a classifier
 * @param outputs the model gives
 * @param metrics on the TEST images
 * @param devMetrics on the DEV images
 * @param warnings what a user of the model should know, in whole sentences; empty if there is nothing
 * @param datasetVersion it was trained and evaluated on
 * @param lineage of the model
 * @param files of the package beside this one, by path
 * @param paritySamples images with the outputs that the trainer saw
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ModelManifest(
        int formatVersion,
        Task task,
        Input input,
        Preprocessing preprocessing,
        List<String> labels,
        Threshold threshold,
        List<Output> outputs,
        Map<String, Double> metrics,
        Map<String, Double> devMetrics,
        List<String> warnings,
        DatasetVersion datasetVersion,
        Lineage lineage,
        Map<String, StoredFile> files,
        List<ParitySample> paritySamples) {

    /** Form of the document that this code reads and writes. */
    public static final int FORMAT = 1;

    /**
     * What the model takes.
     *
     * @param name of the input
     * @param type of its values, {@code float32}
     * @param shape {@code [-1, 3, height, width]}: any number of images, R, G, B planes
     * @param decode how a file becomes 8-bit RGB, rule by rule
     * @param resize how the decoded image is brought to that size
     * @param formula from a byte to a value
     */
    public record Input(
            String name, String type, List<Integer> shape, List<String> decode, String resize, String formula) {
        private static final List<String> DECODE = List.of(
                "the first image of the file, turned upright by its EXIF orientation",
                "grey and palette become RGB; of 16-bit samples the high byte is taken",
                "transparency on white: round(colour * alpha / 255) + 255 - alpha",
                "a JPEG is decoded by libjpeg at 1/2, 1/4 or 1/8 of its size, the smallest whose shorter side has at least"
                        + " preprocessing.jpegSide pixels; where jpegSide is 0 or absent, whole");

        public Input {
            shape = List.copyOf(shape);
            decode = decode == null ? List.of() : List.copyOf(decode);
        }

        /** The input that a preprocessing makes. */
        public static Input of(String name, Preprocessing preprocessing) {
            return new Input(
                    name,
                    "float32",
                    List.of(-1, 3, preprocessing.height(), preprocessing.width()),
                    DECODE,
                    "the whole image, its sides' ratio is not kept: a side that shrinks by area average (OpenCV INTER_AREA),"
                            + " then a side that grows linearly between pixel centres (INTER_LINEAR); rounded once to 8"
                            + " bits, halves to the even number, but up where both sides are exactly halved",
                    "(x / scale - mean[c]) / std[c]");
        }
    }

    /**
     * What the model gives.
     *
     * @param name of the output
     * @param shape -1 is the number of images
     * @param meaning for people
     */
    public record Output(String name, List<Integer> shape, String meaning) {
        public Output {
            shape = List.copyOf(shape);
        }
    }

    /**
     * The frozen images.
     *
     * @param id of the dataset version
     * @param number of it in its project
     * @param digest of its manifest
     * @param testDigest of its TEST images and labels: metrics compare where it is the same
     */
    public record DatasetVersion(String id, int number, String digest, String testDigest) {}

    /**
     * Where a model comes from.
     *
     * @param runId of the training run
     * @param attempt of the run
     * @param projectId of the project
     * @param projectName its name
     * @param recipe as it was asked for
     * @param seed of everything random
     * @param backbone it was made with; absent from scratch
     * @param loupeVersion that trained it
     * @param createdAt RFC 3339
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Lineage(
            String runId,
            int attempt,
            String projectId,
            String projectName,
            Map<String, Object> recipe,
            long seed,
            BackboneRef backbone,
            String loupeVersion,
            String createdAt) {}

    /**
     * A backbone.
     *
     * @param name it was imported under
     * @param sha256 of its file
     */
    public record BackboneRef(String name, String sha256) {}

    /**
     * A file of the package.
     *
     * @param sha256 lower-case hexadecimal
     * @param size in bytes
     */
    public record StoredFile(String sha256, long size) {}

    /**
     * An image and what the trainer's model said of it.
     *
     * @param file path of the image in the package
     * @param label it has in the dataset
     * @param expected for a classifier {@code probabilities}; for an anomaly detector {@code anomaly_score} and {@code
     *     anomaly_map_max}, the largest value of the map
     */
    public record ParitySample(String file, String label, Map<String, float[]> expected) {}

    public ModelManifest {
        if (formatVersion != FORMAT) {
            throw new IllegalArgumentException(
                    "model manifest: expected formatVersion " + FORMAT + ", got " + formatVersion);
        }
        Objects.requireNonNull(task, "model manifest: task is missing");
        Objects.requireNonNull(input, "model manifest: input is missing");
        Objects.requireNonNull(preprocessing, "model manifest: preprocessing is missing");
        labels = List.copyOf(labels);
        outputs = List.copyOf(outputs);
        metrics = Map.copyOf(metrics);
        devMetrics = devMetrics == null ? Map.of() : Map.copyOf(devMetrics);
        warnings = warnings == null ? List.of() : List.copyOf(warnings);
        files = Map.copyOf(files);
        paritySamples = List.copyOf(paritySamples);
        if ((threshold != null) != (task == Task.ANOMALY_DETECTION)) {
            throw new IllegalArgumentException(
                    "model manifest: an anomaly detector has a threshold, a classifier has none");
        }
    }
}
