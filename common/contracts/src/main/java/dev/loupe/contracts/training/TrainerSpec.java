package dev.loupe.contracts.training;

import dev.loupe.contracts.recipe.Recipe;
import java.util.List;

/**
 * The input of a trainer: the file that it reads when it starts. It does not contain the token that authenticates the
 * trainer to the service, which is the environment variable {@code LOUPE_REPORT_TOKEN}, or the content of the file that
 * {@code LOUPE_REPORT_TOKEN_FILE} names.
 *
 * @param runId UUID of the run
 * @param attempt number of the attempt, from 1
 * @param projectId UUID of the project
 * @param projectName name of the project
 * @param manifest location and digest of the dataset version's manifest
 * @param evaluate location and digest of the manifest of the model package to evaluate; null if the trainer trains
 * @param imported classifier that was trained elsewhere, to be packaged and evaluated; null if the trainer trains or
 *     evaluates
 * @param recipe recipe of the run; of an evaluation or an extension, that of the model; of an import {@value
 *     Recipe#IMPORTED}
 * @param backbones backbones that the recipe names; empty if it names none, and unless it trains
 * @param seed seed of all random numbers
 * @param output bucket and key prefix that belong to this run: {@code attempts/N/result.json} and its
 *     {@link TestResults}, {@code checkpoints/}, {@code package/}
 * @param workDirectory local folder of this attempt
 * @param cacheDirectory local content-addressed cache, shared by trainers on this machine
 * @param attemptUrl URL of this attempt at the service, without a trailing slash: {@code /reports} below it receives
 *     {@link TrainerReport}s, {@code /objects} grants {@link ObjectAccess}
 * @param threads number of cores to use
 * @param devOnly whether the trainer must not use the TEST images: it measures the model on DEV, and stores no package
 * @param withControl whether the trainer trains a {@link Control} beside the model
 * @param checkLabels whether the trainer looks for labels that are probably wrong, and stores {@link LabelIssues}
 * @param extend model whose memory is extended, and the images for it; null unless the trainer extends one
 */
public record TrainerSpec(
        String runId,
        int attempt,
        String projectId,
        String projectName,
        ManifestRef manifest,
        ManifestRef evaluate,
        ImportedNetwork imported,
        Recipe recipe,
        List<BackboneRef> backbones,
        long seed,
        OutputRef output,
        String workDirectory,
        String cacheDirectory,
        String attemptUrl,
        int threads,
        boolean devOnly,
        boolean withControl,
        boolean checkLabels,
        ExtensionRef extend) {

    public TrainerSpec {
        backbones = backbones == null ? List.of() : List.copyOf(backbones);
    }

    /** A spec of a trainer that extends no model. */
    public TrainerSpec(
            String runId,
            int attempt,
            String projectId,
            String projectName,
            ManifestRef manifest,
            ManifestRef evaluate,
            ImportedNetwork imported,
            Recipe recipe,
            List<BackboneRef> backbones,
            long seed,
            OutputRef output,
            String workDirectory,
            String cacheDirectory,
            String attemptUrl,
            int threads,
            boolean devOnly,
            boolean withControl,
            boolean checkLabels) {
        this(
                runId,
                attempt,
                projectId,
                projectName,
                manifest,
                evaluate,
                imported,
                recipe,
                backbones,
                seed,
                output,
                workDirectory,
                cacheDirectory,
                attemptUrl,
                threads,
                devOnly,
                withControl,
                checkLabels,
                null);
    }

    /** The same spec of a trainer that extends a model. */
    public TrainerSpec extending(ExtensionRef extension) {
        return new TrainerSpec(
                runId,
                attempt,
                projectId,
                projectName,
                manifest,
                evaluate,
                imported,
                recipe,
                backbones,
                seed,
                output,
                workDirectory,
                cacheDirectory,
                attemptUrl,
                threads,
                devOnly,
                withControl,
                checkLabels,
                extension);
    }

    /** A spec of a trainer that uses all images, trains no control, and does not check labels. */
    public TrainerSpec(
            String runId,
            int attempt,
            String projectId,
            String projectName,
            ManifestRef manifest,
            ManifestRef evaluate,
            ImportedNetwork imported,
            Recipe recipe,
            List<BackboneRef> backbones,
            long seed,
            OutputRef output,
            String workDirectory,
            String cacheDirectory,
            String attemptUrl,
            int threads) {
        this(
                runId,
                attempt,
                projectId,
                projectName,
                manifest,
                evaluate,
                imported,
                recipe,
                backbones,
                seed,
                output,
                workDirectory,
                cacheDirectory,
                attemptUrl,
                threads,
                false,
                false,
                false);
    }

    /** Key of the attempt's {@link TrainerResult}. */
    public String resultKey() {
        return output.prefix() + "attempts/" + attempt + "/result.json";
    }

    /** The manifest of a dataset version or of a model package: object and sha256. */
    public record ManifestRef(String bucket, String key, String sha256) {}

    /**
     * A model whose memory is extended by normal images.
     *
     * @param model manifest of its package
     * @param images manifest of the dataset version with the images
     * @param digests SHA-256 of the images
     */
    public record ExtensionRef(ManifestRef model, ManifestRef images, List<String> digests) {
        public ExtensionRef {
            digests = List.copyOf(digests);
        }
    }

    /** Where a run stores its objects: keys are {@code prefix + name}, and the prefix ends with a slash. */
    public record OutputRef(String bucket, String prefix) {}

    /**
     * A backbone.
     *
     * @param name name that the recipe has for it: {@code scattering}, {@code random}, the name of an imported one, or
     *     {@code random:} and such a name
     * @param imageSize side of the square that images are resized to; null: the backbone's own
     * @param file file of an imported backbone, null for a built-in one
     */
    public record BackboneRef(String name, Integer imageSize, BackboneFile file) {}

    /**
     * The ONNX file of an imported backbone, and how its input is prepared.
     *
     * @param bucket bucket of the ONNX file
     * @param key key of the ONNX file
     * @param sha256 digest of the ONNX file
     * @param scale the input is {@code (x / scale - mean) / std} for x in 0..255
     * @param mean mean of each colour channel, R, G, B
     * @param std standard deviation of each colour channel, R, G, B
     */
    public record BackboneFile(String bucket, String key, String sha256, float scale, float[] mean, float[] std) {}

    /**
     * A classifier that was trained elsewhere.
     *
     * @param file its ONNX file, and how its input is prepared
     * @param labels labels in the order of its outputs
     * @param inputSize side of the square that images are resized to; null: that of the input
     * @param output name of its output; null: the only one of the shape {@code [n, labels]}
     * @param framing what it sees of an image; null: the whole of it
     */
    public record ImportedNetwork(
            BackboneFile file, List<String> labels, Integer inputSize, String output, ImageFraming framing) {
        public ImportedNetwork {
            labels = List.copyOf(labels);
            framing = framing == null ? ImageFraming.WHOLE : framing;
        }
    }
}
