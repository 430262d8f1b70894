package dev.loupe.training.search;

import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.recipe.SearchRange;
import dev.loupe.service.error.Fields;
import dev.loupe.training.launch.TrainerResources;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A request to search for parameters of a recipe.
 *
 * @param project name or id of the project
 * @param datasetVersion number of the version; null: the newest
 * @param recipe the recipe, with values of the parameters that all trials share; one that is neither here nor in
 *     {@code space} has its default
 * @param space parameters to vary, with their values; null: {@code search} of the recipe in the catalogue, without the
 *     parameters that {@code recipe} has values for
 * @param method how trials are proposed; null: TPE
 * @param trials number of different parameters to try; null: {@value #DEFAULT_TRIALS}
 * @param parallel most trials at the same time; null: 4, or fewer if the service or the quota of the project allows fewer
 * @param seed seed of the proposals, and of the random numbers of each run; null: 1
 * @param objective metric on DEV that is to become as large as possible; null: accuracy, in anomaly detection auroc
 * @param reductionFactor of SUCCESSIVE_HALVING: one of so many trials is promoted and gets so many times the epochs;
 *     null: {@value #DEFAULT_REDUCTION_FACTOR}
 * @param minEpochs of SUCCESSIVE_HALVING: fewest epochs of a trial; null: 1
 * @param register whether a model version comes of the final run; null: true
 * @param priority -100..100, of all of its runs; null: 0
 * @param resources resources of their trainers; null: the defaults
 */
@Schema(name = "NewSearch")
record NewSearch(
        @Schema(required = true) String project,
        @Schema(minimum = "1") Integer datasetVersion,
        @Schema(required = true) Recipe recipe,
        Map<String, SearchRange> space,

        @Schema(
                enumeration = {"RANDOM", "TPE", "SUCCESSIVE_HALVING"},
                defaultValue = "TPE")
        String method,

        @Schema(minimum = "1", defaultValue = "20") Integer trials,
        @Schema(minimum = "1") Integer parallel,
        Long seed,
        String objective,

        @Schema(description = "of SUCCESSIVE_HALVING; without it 3", minimum = "2", maximum = "100")
        Integer reductionFactor,

        @Schema(description = "of SUCCESSIVE_HALVING; without it 1", minimum = "1")
        Integer minEpochs,

        Boolean register,
        @Schema(minimum = "-100", maximum = "100") Integer priority,
        TrainerResources resources) {
    static final int DEFAULT_TRIALS = 20;
    static final int DEFAULT_REDUCTION_FACTOR = 3;
    private static final int MAX_REDUCTION_FACTOR = 100;

    NewSearch {
        Fields.requirePresent("project", project);
        Fields.atLeast("datasetVersion", datasetVersion, 1);
        Fields.requirePresent("recipe", recipe);
        Fields.oneOf("method", SearchMethod.class, method);
        Fields.atLeast("trials", trials, 1);
        Fields.atLeast("parallel", parallel, 1);
        Fields.within("reductionFactor", reductionFactor, 2, MAX_REDUCTION_FACTOR);
        Fields.atLeast("minEpochs", minEpochs, 1);
        Fields.within("priority", priority, -100, 100);
    }

    /** How trials are proposed. */
    SearchMethod searchMethod() {
        return method == null ? SearchMethod.TPE : SearchMethod.valueOf(method);
    }
}
