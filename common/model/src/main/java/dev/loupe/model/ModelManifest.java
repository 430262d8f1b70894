package dev.loupe.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.loupe.contracts.Task;
import dev.loupe.imaging.ImagePreparation;
import dev.loupe.imaging.Preprocessing;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The manifest.json of a model package: all information for running model.onnx, trusting it and tracing its origin.
 *
 * @param formatVersion version of this document's format, {@value #FORMAT}
 * @param task task of the model
 * @param input input of the model
 * @param preprocessing preprocessing from an image to the input
 * @param labels labels in the order of the outputs; for anomaly detection the normal label, then the abnormal one
 * @param threshold score from which an image is anomalous; absent for a classifier
 * @param outputs outputs of the model
 * @param metrics metrics on the TEST images
 * @param devMetrics metrics on the DEV images
 * @param warnings warnings for users of the model, in whole sentences; empty if there are none
 * @param datasetVersion dataset version that it was trained and evaluated on
 * @param lineage origin of the model
 * @param files other files of the package, by path
 * @param paritySamples images with the outputs that the trainer computed
 * @param quantization the model with 8-bit integers, or why there is none; absent if the training did not try it
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
        List<ParitySample> paritySamples,
        Quantization quantization) {

    /** Version of the document format that this code reads and writes. */
    public static final int FORMAT = 1;

    /**
     * The input of a model.
     *
     * @param name name of the input
     * @param type type of its values, {@code float32}
     * @param shape {@code [-1, 3, height, width]}: any number of images, R, G, B planes
     * @param decode rules for decoding a file to 8-bit RGB
     * @param resize how the decoded image is resized to that shape
     * @param formula formula from a byte to a value
     * @param normalRange how the normal images were taken that a detector learned from; absent if that is not known
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Input(
            String name,
            String type,
            List<Integer> shape,
            List<String> decode,
            String resize,
            String formula,
            NormalRange normalRange) {
        private static final List<String> DECODE = List.of(
                "the first image of the file, turned upright by its EXIF orientation",
                "grey and palette become RGB; 16-bit samples are reduced to their high byte",
                "transparency on white: round(colour * alpha / 255) + 255 - alpha",
                "a JPEG is decoded by libjpeg at 1/2, 1/4 or 1/8 of its size, the smallest whose shorter side has at least"
                        + " preprocessing.jpegSide pixels; if jpegSide is 0 or absent, at full size");

        public Input {
            shape = List.copyOf(shape);
            decode = decode == null ? List.of() : List.copyOf(decode);
        }

        /** Describes the input that a preprocessing creates. */
        public static Input of(String name, Preprocessing preprocessing) {
            return new Input(
                    name,
                    "float32",
                    List.of(-1, 3, preprocessing.height(), preprocessing.width()),
                    DECODE,
                    resize(preprocessing.preparation()) + ": a side that shrinks by area average (OpenCV INTER_AREA),"
                            + " then a side that grows linearly between pixel centres (INTER_LINEAR); rounded once to 8"
                            + " bits, halves to even, but halves up if both sides are exactly halved",
                    "(x / scale - mean[c]) / std[c]",
                    null);
        }

        /** The same input, with how normal images were taken; null if that is not known. */
        public Input with(NormalRange range) {
            return new Input(name, type, shape, decode, resize, formula, range);
        }

        private static String resize(ImagePreparation preparation) {
            return preparation.equals(ImagePreparation.NONE)
                    ? "the whole image, without keeping the aspect ratio"
                    : "as preprocessing.preparation says (see the documentation of model packages)";
        }
    }

    /**
     * An output of a model.
     *
     * @param name name of the output
     * @param shape shape of the output; -1 is the number of images
     * @param meaning meaning of the output, for people
     */
    public record Output(String name, List<Integer> shape, String meaning) {
        public Output {
            shape = List.copyOf(shape);
        }
    }

    /**
     * The dataset version.
     *
     * @param id id of the dataset version
     * @param number number of the version in its project
     * @param digest digest of its manifest
     * @param testDigest digest of its TEST images and labels: metrics are comparable only if it is equal
     */
    public record DatasetVersion(String id, int number, String digest, String testDigest) {}

    /**
     * The origin of a model.
     *
     * @param runId id of the training run
     * @param attempt number of the attempt of the run
     * @param projectId id of the project
     * @param projectName name of the project
     * @param recipe recipe of the run
     * @param seed seed of all random numbers
     * @param backbone backbone of the model; absent if it was trained from scratch
     * @param loupeVersion version of Loupe that trained it
     * @param createdAt time of creation, RFC 3339
     * @param extension the model whose memory was extended; absent if the model was trained
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
            String createdAt,
            Extension extension) {

        /** The origin of a model that was trained. */
        public Lineage(
                String runId,
                int attempt,
                String projectId,
                String projectName,
                Map<String, Object> recipe,
                long seed,
                BackboneRef backbone,
                String loupeVersion,
                String createdAt) {
            this(runId, attempt, projectId, projectName, recipe, seed, backbone, loupeVersion, createdAt, null);
        }

        /** The origin of a model that extends another one of the same backbone. */
        public Lineage with(BackboneRef same, Extension extended) {
            return new Lineage(
                    runId, attempt, projectId, projectName, recipe, seed, same, loupeVersion, createdAt, extended);
        }
    }

    /**
     * How a model came of another one by normal images that its memory was extended by.
     *
     * @param runId run that the other model came of
     * @param manifestSha256 digest of the manifest of its package
     * @param images digests of all images that the memory was extended by, those of earlier extensions first
     * @param addedPatches number of patches that this extension has added
     * @param coverageRadius distance from the memory from which on a patch is added
     */
    public record Extension(
            String runId, String manifestSha256, List<String> images, int addedPatches, double coverageRadius) {
        public Extension {
            images = List.copyOf(images);
        }
    }

    /**
     * A backbone.
     *
     * @param name name of the backbone
     * @param sha256 digest of its file
     */
    public record BackboneRef(String name, String sha256) {}

    /**
     * A file of the package.
     *
     * @param sha256 digest, lower-case hexadecimal
     * @param size size in bytes
     */
    public record StoredFile(String sha256, long size) {}

    /**
     * An image and the outputs that the trainer's model computed for it.
     *
     * @param file path of the image in the package
     * @param label label of the image in the dataset
     * @param expected for a classifier {@code probabilities}; for an anomaly detector {@code anomaly_score} and {@code
     *     anomaly_map_max}, the largest value of the map
     * @param product product of the image that the model was told; absent if it was told none
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ParitySample(String file, String label, Map<String, float[]> expected, String product) {
        /** A sample without a product. */
        public ParitySample(String file, String label, Map<String, float[]> expected) {
            this(file, label, expected, null);
        }
    }

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
                    "model manifest: expected a threshold for an anomaly detector, and none for a classifier");
        }
        if (quantization != null && quantization.accepted() && !files.containsKey(quantization.file())) {
            throw new IllegalArgumentException(
                    "model manifest: expected the file '" + quantization.file() + "' among the files");
        }
    }

    /** The manifest of a package without a model with 8-bit integers. */
    public ModelManifest(
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
        this(
                formatVersion,
                task,
                input,
                preprocessing,
                labels,
                threshold,
                outputs,
                metrics,
                devMetrics,
                warnings,
                datasetVersion,
                lineage,
                files,
                paritySamples,
                null);
    }

    /**
     * The same manifest, with what became of the model with 8-bit integers.
     *
     * @param allFiles files of the package
     */
    public ModelManifest with(Quantization result, Map<String, StoredFile> allFiles) {
        return new ModelManifest(
                formatVersion,
                task,
                input,
                preprocessing,
                labels,
                threshold,
                outputs,
                metrics,
                devMetrics,
                warnings,
                datasetVersion,
                lineage,
                allFiles,
                paritySamples,
                result);
    }

    /** Whether the package contains a model of this precision. */
    public boolean has(Precision precision) {
        return switch (precision) {
            case FP32 -> true;
            case INT8 -> quantization != null && quantization.accepted();
        };
    }
}
