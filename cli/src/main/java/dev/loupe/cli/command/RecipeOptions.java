package dev.loupe.cli.command;

import dev.loupe.cli.UsageException;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.training.Recipe;
import java.util.Locale;
import picocli.CommandLine.Option;

/** Options that make a {@link Recipe}. */
final class RecipeOptions {

    @Option(
            names = "--recipe",
            paramLabel = "RECIPE",
            description = {
                "transfer (a backbone's features and a trained head), scratch (a small network trained whole)",
                "or patchcore (default: what suits the project's task)"
            })
    private String recipe;

    @Option(
            names = "--backbone",
            paramLabel = "NAME",
            description = "an imported one, scattering (built in, the default) or random (the control)")
    private String backbone;

    @Option(names = "--image-size", paramLabel = "PIXELS", description = "side that images are resized to")
    private Integer imageSize;

    @Option(names = "--epochs", paramLabel = "N", description = "the most passes over the images")
    private Integer epochs;

    @Option(names = "--batch-size", paramLabel = "N", description = "images in one step")
    private Integer batchSize;

    @Option(names = "--learning-rate", paramLabel = "X", description = "of Adam")
    private Double learningRate;

    @Option(names = "--coreset", paramLabel = "RATIO", description = "share of patches kept (patchcore)")
    private Double coresetRatio;

    Recipe recipe(Task task) {
        Recipe.Type type = type(task);
        try {
            return new Recipe(type, backbone, imageSize, epochs, batchSize, learningRate, coresetRatio);
        } catch (IllegalArgumentException wrong) {
            throw new UsageException(wrong.getMessage(), wrong);
        }
    }

    private Recipe.Type type(Task task) {
        if (recipe == null) {
            return suited(task);
        }
        return switch (recipe.toLowerCase(Locale.ROOT).replace('-', '_')) {
            case "transfer", "classification_transfer" -> Recipe.Type.CLASSIFICATION_TRANSFER;
            case "scratch", "classification_scratch" -> Recipe.Type.CLASSIFICATION_SCRATCH;
            case "patchcore", "anomaly_patchcore" -> Recipe.Type.ANOMALY_PATCHCORE;
            default ->
                throw new UsageException("unknown recipe '" + recipe + "', expected transfer, scratch or patchcore");
        };
    }

    /** The word that {@code --recipe} takes for a type. */
    static String word(String type) {
        return type.replaceFirst("^.*_", "").toLowerCase(Locale.ROOT);
    }

    static Recipe.Type suited(Task task) {
        return switch (task) {
            case CLASSIFICATION -> Recipe.Type.CLASSIFICATION_TRANSFER;
            case ANOMALY_DETECTION -> Recipe.Type.ANOMALY_PATCHCORE;
        };
    }
}
