package dev.loupe.local.demo;

import dev.loupe.cli.server.BackboneInput;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.Recipe;
import java.nio.file.Path;
import java.util.Map;

/**
 * The plan of a demonstration.
 *
 * @param task of the project
 * @param backbone an ONNX file, or the name of a built-in one
 * @param backboneInput how an ONNX file's input is prepared
 * @param folder where its images go
 */
record DemoPlan(Task task, String backbone, BackboneInput backboneInput, Path folder) {

    boolean importsBackbone() {
        return backbone.endsWith(".onnx");
    }

    /** The metric that a model of this task is evaluated by. */
    String metric() {
        return switch (task) {
            case CLASSIFICATION -> "accuracy";
            case ANOMALY_DETECTION -> "auroc";
        };
    }

    Recipe recipe(String backboneName) {
        String name =
                switch (task) {
                    case CLASSIFICATION -> "transfer";
                    case ANOMALY_DETECTION -> "patchcore";
                };
        return new Recipe(name, Map.of("backbone", backboneName));
    }
}
