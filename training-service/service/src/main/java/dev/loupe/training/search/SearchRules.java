package dev.loupe.training.search;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.CatalogueEntry;
import dev.loupe.contracts.recipe.Parameter;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.recipe.SearchRange;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.training.catalogue.RecipeLookup;
import dev.loupe.training.catalogue.RecipeRules;
import dev.loupe.training.dataset.FrozenVersion;
import dev.loupe.training.launch.JobLauncher;
import dev.loupe.training.launch.TrainerResources;
import dev.loupe.training.queue.Quota;
import dev.loupe.training.queue.Quotas;
import dev.loupe.training.run.RunConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Completes requests for searches, and refuses those that could not succeed. */
@ApplicationScoped
class SearchRules {
    /** Name of the parameter that successive halving sets. */
    static final String EPOCHS = "epochs";

    private static final int DEFAULT_PARALLEL = 4;

    /** Metrics on DEV that can be the objective; the first one is the default. */
    private static final Map<Task, List<String>> OBJECTIVES = Map.of(
            Task.CLASSIFICATION, List.of("accuracy", "macroF1"),
            Task.ANOMALY_DETECTION, List.of("auroc", "averagePrecision", "f1"));

    private final RecipeLookup recipes;
    private final RecipeRules rules;
    private final Quotas quotas;
    private final JobLauncher launcher;
    private final SearchConfig config;
    private final RunConfig runs;

    SearchRules(
            RecipeLookup recipes,
            RecipeRules rules,
            Quotas quotas,
            JobLauncher launcher,
            SearchConfig config,
            RunConfig runs) {
        this.recipes = recipes;
        this.rules = rules;
        this.quotas = quotas;
        this.launcher = launcher;
        this.config = config;
        this.runs = runs;
    }

    /**
     * Returns the settings of the search.
     *
     * @throws ServiceException {@code SEARCH_INVALID}, {@code RECIPE_NOT_FOUND}, {@code RECIPE_INVALID}, {@code
     *     BACKBONE_NOT_FOUND}
     */
    Search.Settings settings(NewSearch asked, FrozenVersion version) {
        CatalogueEntry entry = recipes.require(asked.recipe().name());
        Map<String, SearchRange> ranges =
                SearchSpaces.ranges(entry, asked.space(), asked.recipe().parameters());
        SearchPlan.Halving halving = halving(asked, entry, ranges);
        int trials = asked.trials() == null ? NewSearch.DEFAULT_TRIALS : asked.trials();
        SearchPlan plan = new SearchPlan(
                asked.searchMethod(),
                SearchSpaces.space(entry, ranges),
                trials,
                parallel(asked, quotas.of(version.projectId())),
                asked.seed() == null ? 1 : asked.seed(),
                halving);
        checkTrials(plan);
        rules.check(recipe(asked.recipe(), new Proposals(plan).next(List.of()).getFirst()), version);
        if (version.devImages() == 0) {
            throw invalid("dataset version " + version.number() + " of '" + version.projectName()
                    + "' has no DEV images to choose on");
        }
        launcher.check(asked.resources() == null ? TrainerResources.DEFAULT : asked.resources());
        return new Search.Settings(
                asked.recipe(),
                ranges,
                plan.method(),
                objective(asked, version.task()),
                trials,
                plan.parallel(),
                plan.seed(),
                halving == null ? null : halving.factor(),
                halving == null ? null : halving.minEpochs(),
                halving == null ? null : halving.maxEpochs());
    }

    /** The recipe of a trial: what all trials share, and what is proposed. */
    static Recipe recipe(Recipe shared, Proposal proposal) {
        Map<String, Object> parameters = new LinkedHashMap<>(shared.parameters());
        parameters.putAll(proposal.parameters());
        if (proposal.epochs() != null) {
            parameters.put(EPOCHS, proposal.epochs());
        }
        return new Recipe(shared.name(), parameters);
    }

    /** The space of a search; the recipe may have changed since it was submitted. */
    SearchPlan plan(Search search) {
        CatalogueEntry entry = recipes.require(search.settings().recipe().name());
        Map<String, SearchRange> ranges = search.settings().space();
        SearchSpaces.ranges(entry, ranges, Map.of());
        return search.plan(SearchSpaces.space(entry, ranges));
    }

    private int parallel(NewSearch asked, Quota quota) {
        int allowed = quota.maxRuns() == null ? config.maxParallel() : Math.min(quota.maxRuns(), config.maxParallel());
        if (allowed == 0 || asked.parallel() != null && asked.parallel() > allowed) {
            boolean byQuota = quota.maxRuns() != null && allowed == quota.maxRuns();
            throw invalid("parallel: expected at most " + allowed + " trials at the same time, "
                    + (byQuota ? "the project's quota of runs" : "the limit of this service") + ", got "
                    + (asked.parallel() == null ? 1 : asked.parallel()));
        }
        return asked.parallel() != null
                ? asked.parallel()
                : Math.clamp(Math.min(allowed, runs.maxConcurrentRuns()), 1, DEFAULT_PARALLEL);
    }

    private void checkTrials(SearchPlan plan) {
        if (plan.method() == SearchMethod.SUCCESSIVE_HALVING && plan.rungs().size() == 1) {
            throw invalid("trials: expected at least " + plan.halving().factor()
                    + " trials, and at least as many times minEpochs, got " + plan.trials() + " trials, "
                    + plan.halving().maxEpochs() + " epochs and minEpochs "
                    + plan.halving().minEpochs());
        }
        if (plan.trials() > config.maxTrials() || plan.totalTrials() > config.maxTrials()) {
            throw invalid("trials: expected at most " + config.maxTrials() + " in total, got " + plan.totalTrials());
        }
        if (plan.trials() > plan.space().size()) {
            throw invalid("trials: expected at most " + plan.space().size()
                    + ", because the space has no more different parameters, got " + plan.trials());
        }
    }

    private static SearchPlan.Halving halving(NewSearch asked, CatalogueEntry entry, Map<String, SearchRange> ranges) {
        if (asked.searchMethod() != SearchMethod.SUCCESSIVE_HALVING) {
            if (asked.reductionFactor() != null || asked.minEpochs() != null) {
                throw invalid("reductionFactor and minEpochs: expected with method SUCCESSIVE_HALVING, got "
                        + asked.searchMethod());
            }
            return null;
        }
        Parameter epochs = entry.parametersByName().get(EPOCHS);
        Object most = asked.recipe().parameters().getOrDefault(EPOCHS, epochs == null ? null : epochs.defaultValue());
        if (epochs == null || ranges.containsKey(EPOCHS)) {
            throw invalid("method SUCCESSIVE_HALVING: expected a recipe with the parameter 'epochs', which is not in"
                    + " space, got '" + entry.name() + "'");
        }
        if (!(most instanceof Number number) || number.intValue() < 1) {
            throw invalid("recipe.parameters.epochs: expected " + epochs.expected() + ", got " + most);
        }
        int factor = asked.reductionFactor() == null ? NewSearch.DEFAULT_REDUCTION_FACTOR : asked.reductionFactor();
        return new SearchPlan.Halving(factor, asked.minEpochs() == null ? 1 : asked.minEpochs(), number.intValue());
    }

    private static String objective(NewSearch asked, Task task) {
        List<String> known = OBJECTIVES.get(task);
        if (asked.objective() != null && !known.contains(asked.objective())) {
            throw invalid(
                    "objective: expected one of " + String.join(", ", known) + ", got '" + asked.objective() + "'");
        }
        return asked.objective() == null ? known.getFirst() : asked.objective();
    }

    private static ServiceException invalid(String message) {
        return new ServiceException(ErrorCode.SEARCH_INVALID, message);
    }
}
