package dev.loupe.training.result;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A request to evaluate a model, which is named by {@code project} and {@code modelVersion}, or by {@code run}.
 *
 * @param project name or id of the model's project
 * @param modelVersion number of the model version
 * @param run training that has made the model, which need not be registered
 * @param datasetProject name or id of the project of the dataset version; null: that of the model
 * @param datasetVersion number of the dataset version
 * @param priority -100..100; null: {@value #DEFAULT_PRIORITY}
 */
record NewEvaluation(
        String project,
        @Schema(minimum = "1") Integer modelVersion,
        String run,
        String datasetProject,

        @Schema(required = true, minimum = "1") Integer datasetVersion,

        @Schema(minimum = "-100", maximum = "100", defaultValue = "10")
        Integer priority) {
    /** Above that of trainings, because an evaluation is short. */
    static final int DEFAULT_PRIORITY = 10;

    NewEvaluation {
        boolean byVersion = project != null && modelVersion != null && run == null;
        boolean byRun = project == null && modelVersion == null && run != null;
        if (!byVersion && !byRun) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "expected a project and a modelVersion, or a run, got project %s, modelVersion %s and run %s"
                            .formatted(quoted(project), modelVersion, quoted(run)));
        }
        Fields.atLeast("modelVersion", modelVersion, 1);
        Fields.requirePresent("datasetVersion", datasetVersion);
        Fields.atLeast("datasetVersion", datasetVersion, 1);
        Fields.within("priority", priority, -100, 100);
        priority = priority == null ? DEFAULT_PRIORITY : priority;
    }

    private static String quoted(String text) {
        return text == null ? null : QuotedInput.of(text);
    }
}
