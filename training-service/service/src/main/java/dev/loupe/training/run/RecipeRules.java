package dev.loupe.training.run;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.training.Recipe;
import dev.loupe.contracts.training.Recipe.Type;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.training.dataset.DatasetVersion;

/** Checks recipes against dataset versions. A parameter that a recipe cannot use is rejected, not ignored. */
final class RecipeRules {
    private RecipeRules() {}

    /**
     * Returns the recipe, with its backbone named if it has one.
     *
     * @throws ServiceException {@code RECIPE_INVALID} with the reason
     */
    static Recipe check(Recipe recipe, DatasetVersion version) {
        if (version.trainImages() == 0) {
            throw invalid("dataset version " + version.number() + " of '" + version.projectName()
                    + "' has no TRAIN images to learn from");
        }
        Task task = task(recipe.type());
        if (version.task() != task) {
            throw invalid(recipe.type() + " is for " + task + ", and '" + version.projectName() + "' is a project of "
                    + version.task());
        }
        return switch (recipe.type()) {
            case CLASSIFICATION_TRANSFER -> {
                needsClasses(version);
                unused(recipe, "coresetRatio", recipe.coresetRatio());
                yield withBackbone(recipe);
            }
            case CLASSIFICATION_SCRATCH -> {
                needsClasses(version);
                unused(recipe, "coresetRatio", recipe.coresetRatio());
                unused(recipe, "backbone", recipe.backbone());
                yield recipe;
            }
            case ANOMALY_PATCHCORE -> {
                needsDev(version);
                unused(recipe, "epochs", recipe.epochs());
                unused(recipe, "batchSize", recipe.batchSize());
                unused(recipe, "learningRate", recipe.learningRate());
                yield withBackbone(recipe);
            }
        };
    }

    private static Task task(Type type) {
        return switch (type) {
            case CLASSIFICATION_TRANSFER, CLASSIFICATION_SCRATCH -> Task.CLASSIFICATION;
            case ANOMALY_PATCHCORE -> Task.ANOMALY_DETECTION;
        };
    }

    private static Recipe withBackbone(Recipe recipe) {
        String backbone = recipe.backbone() == null ? Recipe.SCATTERING : recipe.backbone();
        if (recipe.imageSize() != null && !backbone.equals(Recipe.SCATTERING)) {
            throw invalid("imageSize: the backbone '" + backbone + "' takes images of its own size only");
        }
        if (recipe.imageSize() != null && recipe.imageSize() % 8 != 0) {
            throw invalid("imageSize: scattering takes multiples of 8, got " + recipe.imageSize());
        }
        return recipe.withBackbone(backbone);
    }

    private static void needsClasses(DatasetVersion version) {
        if (version.classes() == 1) {
            throw invalid("a classifier needs two classes or more, and dataset version " + version.number() + " of '"
                    + version.projectName() + "' has one");
        }
    }

    private static void needsDev(DatasetVersion version) {
        if (version.devImages() == 0) {
            throw invalid("anomaly detection needs normal DEV images to choose its threshold on, and dataset version "
                    + version.number() + " of '" + version.projectName() + "' has none of its " + version.trainImages()
                    + " TRAIN and " + version.testImages()
                    + " TEST images there: add normal images, three or more, and freeze again");
        }
    }

    private static void unused(Recipe recipe, String field, Object value) {
        if (value != null) {
            throw invalid(field + ": " + recipe.type() + " has no use for it, got " + value);
        }
    }

    private static ServiceException invalid(String message) {
        return new ServiceException(ErrorCode.RECIPE_INVALID, "recipe: " + message);
    }
}
