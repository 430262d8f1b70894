package dev.loupe.contracts.training;

/**
 * What a trainer is told: the one file that it reads at its start. The token by which the service knows it is not in it;
 * it comes as the environment variable {@code LOUPE_REPORT_TOKEN}, or in the file that {@code LOUPE_REPORT_TOKEN_FILE}
 * names.
 *
 * @param runId UUID of the run
 * @param attempt from 1
 * @param projectId UUID of the project
 * @param projectName its name
 * @param manifest where the dataset version's manifest lies, and its digest
 * @param recipe how to train
 * @param backbone the imported backbone that the recipe names, null for a built-in one
 * @param seed of everything random
 * @param output bucket and key prefix that belong to this run: {@code attempts/N/result.json}, {@code checkpoints/},
 *     {@code package/}
 * @param workDirectory local folder of this attempt
 * @param cacheDirectory local content-addressed cache, shared by trainers on this machine
 * @param attemptUrl address of this attempt at the service, without a slash at the end: below it {@code /reports} takes
 *     {@link TrainerReport}s, {@code /objects} gives {@link ObjectAccess}
 * @param threads how many cores to use
 */
public record TrainerSpec(
        String runId,
        int attempt,
        String projectId,
        String projectName,
        ManifestRef manifest,
        Recipe recipe,
        BackboneRef backbone,
        long seed,
        OutputRef output,
        String workDirectory,
        String cacheDirectory,
        String attemptUrl,
        int threads) {

    /** A dataset version's manifest: object and sha256. */
    public record ManifestRef(String bucket, String key, String sha256) {}

    /** Where a run's objects go: keys are {@code prefix + name}, the prefix ends with a slash. */
    public record OutputRef(String bucket, String prefix) {}

    /**
     * An imported backbone: the ONNX file and how its input is prepared.
     *
     * @param name it was imported under
     * @param bucket of the ONNX file
     * @param key of the ONNX file
     * @param sha256 of the ONNX file
     * @param scale the input is {@code (x / scale - mean) / std} for x in 0..255
     * @param mean of each colour, R, G, B
     * @param std of each colour, R, G, B
     */
    public record BackboneRef(
            String name, String bucket, String key, String sha256, float scale, float[] mean, float[] std) {}
}
