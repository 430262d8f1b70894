package dev.loupe.training.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Proposes the trials of a search. What is proposed depends on the plan and the results of earlier trials alone, not on
 * time or on the order in which trials end: a search with the same plan and the same results makes the same trials.
 */
final class Proposals {
    private static final int MIN_RANDOM_TRIALS = 4;
    private static final int MAX_RANDOM_TRIALS = 10;
    private static final int RANDOM_SHARE = 4;
    /** How often parameters that were tried before are replaced by others. */
    private static final int MAX_REPEATS = 100;

    private static final long SEED_STEP = 0x9E37_79B9_7F4A_7C15L;

    private final SearchPlan plan;

    Proposals(SearchPlan plan) {
        this.plan = plan;
    }

    /**
     * Returns the trials that are to be made now.
     *
     * @param trials all trials up to now, ordered by number
     */
    List<Proposal> next(List<PastTrial> trials) {
        List<PastTrial> known = new ArrayList<>(trials);
        List<Proposal> proposals = new ArrayList<>();
        while (running(known) < plan.parallel()) {
            Proposal next = plan.method() == SearchMethod.SUCCESSIVE_HALVING ? promoted(known) : proposed(known);
            if (next == null) {
                break;
            }
            proposals.add(next);
            known.add(PastTrial.running(next));
        }
        return proposals;
    }

    private static long running(List<PastTrial> trials) {
        return trials.stream().filter(trial -> !trial.ended()).count();
    }

    /** The next trial of random search or TPE, null if there is none now. */
    private Proposal proposed(List<PastTrial> trials) {
        int number = trials.size() + 1;
        if (number > plan.trials()) {
            return null;
        }
        if (plan.method() == SearchMethod.RANDOM || number <= randomTrials()) {
            return drawn(number, trials);
        }
        // A trial depends on those that are at least `parallel` before it, whichever of the later ones have ended.
        int decisive = Math.max(0, number - plan.parallel());
        List<PastTrial> earlier = trials.subList(0, decisive);
        if (earlier.stream().anyMatch(trial -> !trial.ended())) {
            return null;
        }
        SplittableRandom random = random(number);
        TreeParzen estimator = estimator(earlier, trials.subList(decisive, trials.size()));
        for (int i = 0; i < MAX_REPEATS; i++) {
            Map<String, Object> parameters = estimator.propose(random);
            if (isNew(parameters, trials)) {
                return new Proposal(number, parameters, 0, null, null);
            }
        }
        return drawn(number, trials);
    }

    /** Number of trials before TPE proposes. */
    private int randomTrials() {
        return Math.clamp(plan.trials() / RANDOM_SHARE, MIN_RANDOM_TRIALS, MAX_RANDOM_TRIALS);
    }

    /** Failed trials are as bad as the worst; those that run count as bad, so that others are proposed. */
    private TreeParzen estimator(List<PastTrial> earlier, List<PastTrial> running) {
        List<Map<String, Object>> bad = new ArrayList<>();
        earlier.stream().filter(trial -> trial.score() == null).forEach(trial -> bad.add(trial.parameters()));
        running.forEach(trial -> bad.add(trial.parameters()));
        return TreeParzen.of(
                plan.space(),
                bestFirst(earlier).stream().map(PastTrial::parameters).toList(),
                bad);
    }

    private Proposal drawn(int number, List<PastTrial> trials) {
        SplittableRandom random = random(number);
        Map<String, Object> parameters = plan.space().draw(random);
        for (int i = 0; i < MAX_REPEATS && !isNew(parameters, trials); i++) {
            parameters = plan.space().draw(random);
        }
        Integer epochs = plan.method() == SearchMethod.SUCCESSIVE_HALVING
                ? plan.rungs().getFirst().epochs()
                : null;
        return new Proposal(number, parameters, 0, epochs, null);
    }

    private static boolean isNew(Map<String, Object> parameters, List<PastTrial> trials) {
        return trials.stream().noneMatch(trial -> trial.parameters().equals(parameters));
    }

    private SplittableRandom random(int number) {
        return new SplittableRandom(plan.seed() + number * SEED_STEP);
    }

    /** The next trial of successive halving, null if there is none now: a rung begins when the one before has ended. */
    private Proposal promoted(List<PastTrial> trials) {
        List<SearchPlan.Rung> rungs = plan.rungs();
        int rung = trials.isEmpty() ? 0 : trials.getLast().rung();
        List<PastTrial> before = onRung(trials, rung);
        if (rung == 0 && before.size() < rungs.getFirst().trials()) {
            return drawn(trials.size() + 1, trials);
        }
        int begun = before.size();
        List<PastTrial> candidates = rung == 0 ? List.of() : bestFirst(onRung(trials, rung - 1));
        if (rung == 0 || begun >= Math.min(rungs.get(rung).trials(), candidates.size())) {
            rung++;
            begun = 0;
            candidates = bestFirst(before);
            if (rung == rungs.size() || before.stream().anyMatch(trial -> !trial.ended()) || candidates.isEmpty()) {
                return null;
            }
        }
        PastTrial chosen = candidates.get(begun);
        return new Proposal(
                trials.size() + 1, chosen.parameters(), rung, rungs.get(rung).epochs(), chosen.number());
    }

    private static List<PastTrial> onRung(List<PastTrial> trials, int rung) {
        return trials.stream().filter(trial -> trial.rung() == rung).toList();
    }

    /** The trials that have succeeded, the best one first. Trials with more epochs come before those with fewer. */
    static List<PastTrial> bestFirst(List<PastTrial> trials) {
        return trials.stream()
                .filter(trial -> trial.score() != null)
                .sorted(Comparator.comparingInt(PastTrial::rung)
                        .thenComparing(PastTrial::score)
                        .reversed()
                        .thenComparingInt(PastTrial::number))
                .toList();
    }
}
