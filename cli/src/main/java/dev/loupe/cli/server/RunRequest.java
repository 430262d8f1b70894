package dev.loupe.cli.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.contracts.recipe.Recipe;

/**
 * What is to be trained. What is null, the service chooses.
 *
 * @param project its name or id
 * @param datasetVersion its number; null: the newest
 * @param recipe how to train
 * @param seed of everything random
 * @param register whether a model version comes of it, or it only measures
 * @param priority the larger, the sooner
 * @param gpus that the trainer asks for
 * @param withControl whether a control is trained beside the model
 * @param checkLabels whether the trainer looks for labels that are probably wrong; null: for classification
 */
public record RunRequest(
        String project,
        Integer datasetVersion,
        Recipe recipe,
        Long seed,
        boolean register,
        Integer priority,
        Integer gpus,
        boolean withControl,
        Boolean checkLabels) {

    /** A run on the newest dataset version, with nothing out of the ordinary. */
    public static RunRequest of(String project, Recipe recipe, long seed, boolean register) {
        return new RunRequest(project, null, recipe, seed, register, null, null, true, null);
    }

    ObjectNode json() {
        ObjectNode body = Json.object().put("project", project);
        body.set("recipe", Json.of(recipe));
        body.put("register", register);
        body.put("withControl", withControl);
        if (datasetVersion != null) {
            body.put("datasetVersion", datasetVersion);
        }
        if (seed != null) {
            body.put("seed", seed);
        }
        if (priority != null) {
            body.put("priority", priority);
        }
        if (gpus != null) {
            body.putObject("resources").put("gpus", gpus);
        }
        if (checkLabels != null) {
            body.put("checkLabels", checkLabels);
        }
        return body;
    }
}
