package dev.loupe.local.demo;

import dev.loupe.cli.server.BackboneInput;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.recipe.RecipeCatalogue;
import java.nio.file.Path;
import java.util.Map;

/**
 * The plan of a demonstration.
 *
 * @param task of the project
 * @param backbone an ONNX file, or the name of a built-in one; null for a model that is chosen among several
 * @param backboneInput how an ONNX file's input is prepared
 * @param folder where its images go
 */
record DemoPlan(Task task, String backbone, BackboneInput backboneInput, Path folder) {

    /** Whether the model is chosen among several. */
    boolean chooses() {
        return backbone == null;
    }

    boolean importsBackbone() {
        return !chooses() && backbone.endsWith(".onnx");
    }

    /** The metric that a model of this task is evaluated by. */
    String metric() {
        return switch (task) {
            case CLASSIFICATION -> "accuracy";
            case ANOMALY_DETECTION -> "auroc";
        };
    }

    /**
     * The recipe.
     *
     * @param backboneName its backbone, null to choose among several
     */
    Recipe recipe(String backboneName) {
        if (backboneName == null) {
            return Recipe.of(
                    RecipeCatalogue.builtIn().defaultFor(task).orElseThrow().name());
        }
        String name =
                switch (task) {
                    case CLASSIFICATION -> "transfer";
                    case ANOMALY_DETECTION -> "patchcore";
                };
        return new Recipe(name, Map.of("backbone", backboneName));
    }
}
