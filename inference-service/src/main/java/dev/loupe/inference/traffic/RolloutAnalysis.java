package dev.loupe.inference.traffic;

import dev.loupe.model.ClopperPearson;
import dev.loupe.model.ClopperPearson.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Compares what was counted in a step of a rollout with its bounds. A rate fails if all of its 95 % interval by Clopper and
 * Pearson lies above the bound, and passes if all of it lies at or below. The 99th percentile of the times is at most its
 * bound if at most one percent of the answers are slower than it, which is such a rate.
 */
record RolloutAnalysis(RolloutPlan plan) {
    private static final double CONFIDENCE = 0.95;
    private static final double P99 = 0.99;
    private static final double SLOWER_THAN_P99 = 0.01;

    /** What follows from the counts. */
    enum Outcome {
        PASS,
        FAIL,
        INCONCLUSIVE
    }

    /** @param message the counts and bounds in words */
    record Verdict(Outcome outcome, String message) {}

    /**
     * @param candidate predictions of the candidate in this step
     * @param shadow images that candidate and holder have predicted; those that the candidate could not predict count as
     *     disagreements
     */
    Verdict check(ArmCount candidate, ShadowCounts shadow) {
        List<Verdict> checks = new ArrayList<>();
        if (candidate.requests() < plan.minRequests()) {
            checks.add(new Verdict(
                    Outcome.INCONCLUSIVE,
                    "%d requests to the candidate, expected %d or more"
                            .formatted(candidate.requests(), plan.minRequests())));
        }
        checks.add(rate("error rate", candidate.failed(), candidate.requests(), plan.maxErrorRate()));
        if (plan.maxP99Millis() != null) {
            checks.add(p99(candidate));
        }
        if (plan.maxDisagreementRate() != null) {
            checks.add(rate(
                    "disagreement",
                    shadow.disagreements() + shadow.failed(),
                    shadow.images() + shadow.failed(),
                    plan.maxDisagreementRate()));
        }
        Set<Outcome> outcomes = checks.stream().map(Verdict::outcome).collect(Collectors.toSet());
        Outcome outcome = Stream.of(Outcome.FAIL, Outcome.INCONCLUSIVE)
                .filter(outcomes::contains)
                .findFirst()
                .orElse(Outcome.PASS);
        return new Verdict(
                outcome,
                checks.stream()
                        .filter(check -> check.outcome() == outcome)
                        .map(Verdict::message)
                        .collect(Collectors.joining("; ")));
    }

    private static Verdict rate(String name, long events, long trials, double bound) {
        if (trials == 0) {
            return new Verdict(Outcome.INCONCLUSIVE, name + ": nothing was counted");
        }
        Interval interval = ClopperPearson.interval(events, trials, CONFIDENCE);
        return new Verdict(
                outcome(interval, bound),
                String.format(
                        Locale.ROOT,
                        "%s: %d of %d (95 %% interval %.4f to %.4f), expected at most %.4f",
                        name,
                        events,
                        trials,
                        interval.lower(),
                        interval.upper(),
                        bound));
    }

    private Verdict p99(ArmCount candidate) {
        if (candidate.answered() == 0) {
            return new Verdict(Outcome.INCONCLUSIVE, "p99: nothing was counted");
        }
        long slower = Latency.longerThan(candidate.latency(), plan.maxP99Millis());
        Interval interval = ClopperPearson.interval(slower, candidate.answered(), CONFIDENCE);
        return new Verdict(
                outcome(interval, SLOWER_THAN_P99),
                String.format(
                        Locale.ROOT,
                        "p99: %.1f ms, %d of %d answers slower than %.1f ms (95 %% interval %.4f to %.4f), "
                                + "expected at most %.4f",
                        Latency.millis(candidate.latency(), P99),
                        slower,
                        candidate.answered(),
                        plan.maxP99Millis(),
                        interval.lower(),
                        interval.upper(),
                        SLOWER_THAN_P99));
    }

    private static Outcome outcome(Interval interval, double bound) {
        if (interval.lower() > bound) {
            return Outcome.FAIL;
        }
        return interval.upper() <= bound ? Outcome.PASS : Outcome.INCONCLUSIVE;
    }
}
