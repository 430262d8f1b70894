package dev.loupe.training.search;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.recipe.SearchRange;
import dev.loupe.training.launch.TrainerResources;
import jakarta.annotation.Nullable;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.mapper.Nested;
import org.jdbi.v3.core.mapper.reflect.ColumnName;
import org.jdbi.v3.json.Json;

/**
 * A search for parameters of a recipe, as stored in the database and returned to clients.
 *
 * @param id its id
 * @param data what it works on
 * @param settings how it proposes trials
 * @param request how its runs are asked for
 * @param status where it stands
 */
public record Search(
        UUID id,
        @Nested @JsonUnwrapped Data data,
        @Nested @JsonUnwrapped Settings settings,
        @Nested @JsonUnwrapped Request request,
        @Nested @JsonUnwrapped Status status) {

    /**
     * What a search works on.
     *
     * @param project name of its project
     * @param projectId id of its project
     * @param task of its project
     * @param datasetVersion number of the dataset version
     * @param devImages number of DEV images
     */
    public record Data(
            @ColumnName("project_name") String project,
            @JsonIgnore UUID projectId,
            Task task,
            @ColumnName("number") int datasetVersion,
            int devImages) {}

    /**
     * How a search proposes trials.
     *
     * @param recipe the recipe, with the parameters that all trials share
     * @param space parameters that it varies, with their values
     * @param method how it proposes trials
     * @param objective metric on DEV that is to become as large as possible
     * @param trials number of different parameters to try
     * @param parallel most trials at the same time
     * @param seed seed of the proposals, and of the random numbers of each run
     * @param reductionFactor of successive halving: one of so many trials is promoted and gets so many times the epochs
     * @param minEpochs of successive halving: fewest epochs of a trial
     * @param maxEpochs of successive halving: epochs of the last rung
     */
    public record Settings(
            @Json Recipe recipe,
            @Json Map<String, SearchRange> space,
            SearchMethod method,
            String objective,
            int trials,
            int parallel,
            long seed,
            @Nullable Integer reductionFactor,
            @Nullable Integer minEpochs,
            @Nullable Integer maxEpochs) {}

    /**
     * How the runs of a search are asked for.
     *
     * @param register whether a model version comes of the final run
     * @param priority priority of its runs
     * @param resources resources of their trainers
     */
    public record Request(
            boolean register, int priority, @Json TrainerResources resources) {
        public Request {
            resources = resources == null ? TrainerResources.DEFAULT : resources;
        }
    }

    /**
     * Where a search stands.
     *
     * @param state current state
     * @param reason why it failed or was cancelled, else null
     * @param finalRun run that trains with the best parameters and evaluates on TEST; null until it exists
     * @param createdAt when it was submitted
     * @param finishedAt when it reached a final state
     */
    public record Status(
            SearchState state,
            @Nullable String reason,
            @ColumnName("run_id") @Nullable UUID finalRun,
            Instant createdAt,
            @Nullable Instant finishedAt) {}

    /** How trials are proposed. */
    SearchPlan plan(SearchSpace dimensions) {
        SearchPlan.Halving halving = settings.method() == SearchMethod.SUCCESSIVE_HALVING
                ? new SearchPlan.Halving(settings.reductionFactor(), settings.minEpochs(), settings.maxEpochs())
                : null;
        return new SearchPlan(
                settings.method(), dimensions, settings.trials(), settings.parallel(), settings.seed(), halving);
    }
}
