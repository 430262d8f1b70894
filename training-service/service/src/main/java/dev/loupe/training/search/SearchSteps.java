package dev.loupe.training.search;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.service.error.Category;
import dev.loupe.service.error.ServiceException;
import dev.loupe.training.catalogue.RecipeRules;
import dev.loupe.training.dataset.FrozenVersion;
import dev.loupe.training.dataset.FrozenVersions;
import dev.loupe.training.launch.JobLauncher;
import dev.loupe.training.run.Run;
import dev.loupe.training.run.RunTransitions;
import dev.loupe.training.run.Runs;
import dev.loupe.training.run.Submission;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Takes a search as far as the state of its runs allows. What has ended, what follows from it and the runs that are
 * submitted are stored in one transaction, so a search that was interrupted at any moment continues without a gap or a
 * trial that was made twice.
 */
@ApplicationScoped
class SearchSteps {
    private static final Logger LOG = Logger.getLogger(SearchSteps.class);

    private final Searches searches;
    private final SearchRules searchRules;
    private final RecipeRules recipeRules;
    private final FrozenVersions versions;
    private final Runs runs;
    private final RunTransitions transitions;
    private final JobLauncher launcher;

    SearchSteps(
            Searches searches,
            SearchRules searchRules,
            RecipeRules recipeRules,
            FrozenVersions versions,
            Runs runs,
            RunTransitions transitions,
            JobLauncher launcher) {
        this.searches = searches;
        this.searchRules = searchRules;
        this.recipeRules = recipeRules;
        this.versions = versions;
        this.runs = runs;
        this.transitions = transitions;
        this.launcher = launcher;
    }

    /**
     * Continues a search.
     *
     * @return whether runs were submitted
     */
    @Transactional
    boolean advance(UUID id) {
        Optional<Search> locked = searches.lock(id);
        if (locked.isEmpty()) {
            return false;
        }
        Search search = locked.get();
        searches.trials(id).stream()
                .filter(trial -> trial.state() == Trial.State.RUNNING)
                .forEach(trial -> settle(search, trial));
        return switch (search.status().state()) {
            case SEARCHING -> propose(search);
            case FINAL_RUN -> {
                conclude(search);
                yield false;
            }
            case SUCCEEDED, FAILED, CANCELLED -> false;
        };
    }

    private void settle(Search search, Trial trial) {
        Optional<Run> run = Optional.ofNullable(trial.run()).flatMap(runs::find);
        if (run.isEmpty()) {
            searches.end(trial, Trial.State.FAILED, "its run was deleted");
            return;
        }
        String reason = run.get().status().reason();
        switch (run.get().status().state()) {
            case SUCCEEDED -> succeed(search, trial, run.get().outcome());
            case FAILED -> searches.end(trial, Trial.State.FAILED, reason);
            case CANCELLED ->
                searches.end(
                        trial,
                        search.status().state() == SearchState.CANCELLED ? Trial.State.CANCELLED : Trial.State.FAILED,
                        reason);
            case QUEUED, STARTING, RUNNING -> {}
        }
    }

    private void succeed(Search search, Trial trial, Run.Outcome outcome) {
        String objective = search.settings().objective();
        Double metric = outcome.devMetrics().get(objective);
        if (metric == null || !Double.isFinite(metric)) {
            searches.end(
                    trial,
                    Trial.State.FAILED,
                    "it measured no " + objective + " on DEV"
                            + (objective.equals("auroc") || objective.equals("averagePrecision")
                                    ? ", which needs normal and abnormal DEV images"
                                    : ", only " + outcome.devMetrics().keySet()));
            return;
        }
        searches.succeed(trial, metric, outcome.devMetrics(), outcome.trainSeconds());
        LOG.infof("search %s, trial %d: %s %.4f", search.id(), trial.number(), objective, metric);
    }

    private boolean propose(Search search) {
        List<Trial> trials = searches.trials(search.id());
        List<PastTrial> past = trials.stream().map(Trial::past).toList();
        try {
            List<Proposal> next = new Proposals(searchRules.plan(search)).next(past);
            if (next.isEmpty()) {
                return past.stream().allMatch(PastTrial::ended) && finish(search, trials);
            }
            FrozenVersion version = version(search);
            int gpus = launcher.check(search.request().resources());
            for (Proposal proposal : next) {
                submit(search, proposal, version, gpus);
            }
            return true;
        } catch (ServiceException e) {
            Category category = e.code().category();
            if (category == Category.UNAVAILABLE || category == Category.OVERLOADED) {
                throw e; // the next pass repeats it
            }
            // The project was archived, or the dataset version or the recipe is gone: no further run can be submitted.
            fail(search, e.getMessage());
            return false;
        }
    }

    private FrozenVersion version(Search search) {
        return versions.requireForRun(
                search.data().projectId().toString(), search.data().datasetVersion());
    }

    private void submit(Search search, Proposal proposal, FrozenVersion version, int gpus) {
        Recipe recipe;
        try {
            recipe = recipeRules.check(SearchRules.recipe(search.settings().recipe(), proposal), version);
        } catch (ServiceException e) {
            searches.addTrial(search.id(), proposal, null, e.code() + ": " + e.getMessage());
            return;
        }
        UUID run = transitions.submit(submission(search, recipe, version, gpus, true), actor(search));
        searches.addTrial(search.id(), proposal, run, null);
    }

    private static Submission submission(Search search, Recipe recipe, FrozenVersion version, int gpus, boolean trial) {
        return new Submission(
                version,
                null,
                null,
                recipe,
                search.settings().seed(),
                !trial && search.request().register(),
                search.request().priority(),
                search.request().resources(),
                gpus,
                search.id(),
                trial,
                !trial,
                !trial && version.task() == Task.CLASSIFICATION);
    }

    /** Submits the final run with the best parameters; returns whether it could. */
    private boolean finish(Search search, List<Trial> trials) {
        List<PastTrial> best =
                Proposals.bestFirst(trials.stream().map(Trial::past).toList());
        if (best.isEmpty()) {
            fail(
                    search,
                    "all " + trials.size() + " trials failed; the last one: "
                            + trials.getLast().reason());
            return false;
        }
        PastTrial winner = best.getFirst();
        Proposal again = new Proposal(
                winner.number(),
                winner.parameters(),
                winner.rung(),
                search.settings().maxEpochs(),
                null);
        FrozenVersion version = version(search);
        Recipe recipe = recipeRules.check(SearchRules.recipe(search.settings().recipe(), again), version);
        int gpus = launcher.check(search.request().resources());
        UUID run = transitions.submit(submission(search, recipe, version, gpus, false), actor(search));
        searches.beginFinalRun(search.id(), run);
        LOG.infof("search %s: trial %d is the best of %d, run %s", search.id(), winner.number(), trials.size(), run);
        return true;
    }

    private void conclude(Search search) {
        Optional<Run> run = Optional.ofNullable(search.status().finalRun()).flatMap(runs::find);
        if (run.isEmpty()) {
            fail(search, "its final run was deleted");
            return;
        }
        switch (run.get().status().state()) {
            case SUCCEEDED -> searches.become(search.id(), SearchState.SUCCEEDED, null);
            case FAILED, CANCELLED ->
                fail(
                        search,
                        "its final run " + run.get().id() + " is "
                                + run.get().status().state() + ": "
                                + run.get().status().reason());
            case QUEUED, STARTING, RUNNING -> {}
        }
    }

    private void fail(Search search, String reason) {
        searches.become(search.id(), SearchState.FAILED, reason);
        LOG.infof("search %s FAILED: %s", search.id(), reason);
    }

    private static String actor(Search search) {
        return "search " + search.id();
    }
}
