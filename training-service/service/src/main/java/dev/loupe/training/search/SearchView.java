package dev.loupe.training.search;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.loupe.training.search.Trial.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A search as clients see it.
 *
 * @param search the search
 * @param counts how many trials there are in each state
 * @param best the best trial so far, absent before one has succeeded
 * @param warnings what makes its choice doubtful; empty if nothing does
 * @param results the trials so far, by number; absent in lists
 */
@Schema(name = "Search")
@JsonInclude(Include.NON_NULL)
record SearchView(
        @JsonUnwrapped Search search,
        @Schema(required = true) Counts counts,
        RankedTrial best,
        @Schema(required = true) List<String> warnings,
        List<RankedTrial> results) {
    private static final int FEW_DEV_IMAGES = 20;

    /**
     * Numbers of trials.
     *
     * @param total most trials that the search makes
     * @param running trials whose runs wait or are in progress
     * @param succeeded trials that have succeeded
     * @param failed trials that have failed or were cancelled
     */
    @Schema(name = "TrialCounts")
    record Counts(
            @Schema(required = true) int total,
            @Schema(required = true) int running,
            @Schema(required = true) int succeeded,
            @Schema(required = true) int failed) {}

    /**
     * A trial with its place.
     *
     * @param rank 1 for the best; null if it has not succeeded. Trials of a later rung are before those of an earlier one
     */
    @Schema(name = "Trial")
    record RankedTrial(@JsonUnwrapped Trial trial, Integer rank) {}

    /** @param detailed whether to list the trials */
    static SearchView of(Search search, List<Trial> trials, boolean detailed) {
        List<Integer> order = Proposals.bestFirst(
                        trials.stream().map(Trial::past).toList())
                .stream()
                .map(PastTrial::number)
                .toList();
        List<RankedTrial> ranked = trials.stream()
                .map(trial -> new RankedTrial(
                        trial, order.contains(trial.number()) ? order.indexOf(trial.number()) + 1 : null))
                .toList();
        return new SearchView(
                search,
                new Counts(
                        search.plan(new SearchSpace(Map.of())).totalTrials(),
                        count(trials, State.RUNNING),
                        count(trials, State.SUCCEEDED),
                        count(trials, State.FAILED) + count(trials, State.CANCELLED)),
                ranked.stream()
                        .filter(one -> one.rank() != null && one.rank() == 1)
                        .findFirst()
                        .orElse(null),
                warnings(search),
                detailed ? ranked : null);
    }

    private static int count(List<Trial> trials, State state) {
        return (int) trials.stream().filter(trial -> trial.state() == state).count();
    }

    private static List<String> warnings(Search search) {
        List<String> warnings = new ArrayList<>();
        int dev = search.data().devImages();
        if (dev < FEW_DEV_IMAGES) {
            warnings.add("There are " + dev + " DEV images, too few to choose by: " + FEW_DEV_IMAGES
                    + " or more are recommended.");
        }
        return warnings;
    }
}
