package dev.loupe.cli.demo;

import dev.loupe.cli.server.BackboneInput;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.training.Recipe;
import java.nio.file.Path;

/**
 * What a demonstration shows.
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
        Recipe.Type type =
                switch (task) {
                    case CLASSIFICATION -> Recipe.Type.CLASSIFICATION_TRANSFER;
                    case ANOMALY_DETECTION -> Recipe.Type.ANOMALY_PATCHCORE;
                };
        return new Recipe(type, backboneName, null, null, null, null, null);
    }
}
