package dev.loupe.local.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.server.Json;

/**
 * The result of a demonstration.
 *
 * @param plan that was played
 * @param project name of the project that was made
 * @param images in the dataset version
 * @param trainImages in its TRAIN split
 * @param testImages in its TEST split
 * @param value of the plan's metric on the TEST images, 0..1; null if they do not allow it
 * @param control the same of the control of the run; null if it has none
 * @param modelVersion that is in production now
 * @param predictions made over gRPC
 * @param trainSeconds wall clock of the training
 */
record DemoResult(
        DemoPlan plan,
        String project,
        int images,
        int trainImages,
        int testImages,
        Double value,
        Double control,
        int modelVersion,
        int predictions,
        double trainSeconds) {

    ObjectNode json(double seconds) {
        ObjectNode json = Json.object();
        json.put("task", plan.task().name())
                .put("images", images)
                .put("trainImages", trainImages)
                .put("testImages", testImages)
                .put("metric", plan.metric())
                .put("value", value)
                .put("control", control)
                .put("modelVersion", modelVersion)
                .put("predictions", predictions)
                .put("trainSeconds", trainSeconds)
                .put("seconds", Math.round(seconds * 10) / 10.0);
        return json;
    }
}
