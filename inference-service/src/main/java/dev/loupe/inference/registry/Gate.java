package dev.loupe.inference.registry;

import dev.loupe.contracts.Task;
import dev.loupe.inference.registry.PromotionCheck.Kind;
import dev.loupe.inference.registry.PromotionPolicy.Comparison;
import dev.loupe.inference.registry.TestEvidence.LabelCount;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Checks a candidate against the policy of its project, and compares it with the version that the alias points at (the
 * incumbent). Only measurements on the same TEST images and labels are compared: those of their trainings, or for the
 * incumbent those that an evaluation run has made on the TEST images of the candidate. Missing evidence never passes.
 *
 * @param policy with a tolerance
 */
record Gate(PromotionPolicy policy) {

    /** Outcome of the checks of a move. */
    public enum Outcome {
        /** The alias is new, and the policy has no other condition: there is nothing to check. */
        NO_INCUMBENT,
        PASSED,
        /** The versions were evaluated on different TEST images, or have no metric in common. */
        NOT_COMPARABLE,
        /** The evidence for another check is missing, or does not suffice. */
        INCONCLUSIVE,
        FAILED,
        /** The checks did not pass, and the promotion was forced. */
        FORCED,
        /** A rollback does not use the gate. */
        NOT_ASKED
    }

    /**
     * What was measured of a version on TEST images.
     *
     * @param number number of the version
     * @param datasetVersion dataset version that the TEST images are of
     * @param evidence counts on the TEST images, null if they are not known
     */
    record Measured(
            int number, int datasetVersion, String testDigest, Map<String, Double> metrics, TestEvidence evidence) {
        boolean has(String metric) {
            return Double.isFinite(metrics.getOrDefault(metric, Double.NaN));
        }

        String value(String metric) {
            return has(metric) ? rounded(metrics.get(metric)) : "none";
        }
    }

    /** All checks, and their outcome. */
    record Verdict(Outcome outcome, List<PromotionCheck> checks) {
        Verdict {
            checks = List.copyOf(checks);
        }

        boolean passed() {
            return outcome == Outcome.PASSED || outcome == Outcome.NO_INCUMBENT;
        }

        /** The checks in words; of checks that did not all pass, only the others. */
        String detail() {
            if (checks.isEmpty()) {
                return "the alias is new";
            }
            return checks.stream()
                    .filter(check -> passed() || check.outcome() != PromotionCheck.Outcome.PASS)
                    .map(PromotionCheck::sentence)
                    .collect(Collectors.joining("; "));
        }
    }

    Gate {
        if (policy.tolerance() == null) {
            throw new IllegalArgumentException("policy: expected a tolerance, got none");
        }
    }

    /** Checks a candidate. The incumbent is null if the alias is new. */
    Verdict check(Model model, Measured incumbent, Measured candidate) {
        List<PromotionCheck> checks = new ArrayList<>();
        boolean comparable = true;
        if (incumbent != null) {
            List<PromotionCheck> comparison = compare(model, incumbent, candidate);
            comparable = comparison.stream().allMatch(check -> check.subject() != null);
            checks.addAll(comparison);
        }
        new TreeMap<>(policy.metricFloors())
                .forEach((metric, floor) -> checks.add(metricFloor(model, metric, floor, candidate)));
        new TreeMap<>(policy.recallFloors())
                .forEach((label, floor) -> checks.add(recallFloor(model, label, floor, candidate)));
        if (policy.minTestImages() > 0) {
            checks.add(testImages(model, candidate));
        }
        return new Verdict(outcome(checks, comparable), checks);
    }

    private static Outcome outcome(List<PromotionCheck> checks, boolean comparable) {
        Set<PromotionCheck.Outcome> outcomes =
                checks.stream().map(PromotionCheck::outcome).collect(Collectors.toSet());
        if (outcomes.contains(PromotionCheck.Outcome.FAIL)) {
            return Outcome.FAILED;
        }
        if (outcomes.contains(PromotionCheck.Outcome.INCONCLUSIVE)) {
            return comparable ? Outcome.INCONCLUSIVE : Outcome.NOT_COMPARABLE;
        }
        return checks.isEmpty() ? Outcome.NO_INCUMBENT : Outcome.PASSED;
    }

    /** The comparisons of the task's metrics; one check without a subject if the versions cannot be compared at all. */
    private List<PromotionCheck> compare(Model model, Measured incumbent, Measured candidate) {
        if (incumbent.testDigest().isEmpty() || !incumbent.testDigest().equals(candidate.testDigest())) {
            return List.of(notComparable(
                    "version %d was evaluated on other TEST images than version %d"
                            .formatted(candidate.number(), incumbent.number()),
                    evaluate(model, incumbent, candidate)));
        }
        // A metric that is not defined for the TEST images, as AUROC without normal ones, is missing of both.
        List<String> metrics = metrics(model.task()).stream()
                .filter(metric -> incumbent.has(metric) || candidate.has(metric))
                .toList();
        if (metrics.stream().noneMatch(incumbent::has)) {
            return List.of(notComparable(
                    "version %d has no metric on TEST images, expected one of %s"
                            .formatted(incumbent.number(), metrics(model.task())),
                    evaluate(model, incumbent, candidate)));
        }
        return metrics.stream()
                .map(metric -> compare(model, metric, incumbent, candidate))
                .toList();
    }

    private static PromotionCheck notComparable(String found, String remedy) {
        return new PromotionCheck(
                Kind.NOT_WORSE,
                null,
                PromotionCheck.Outcome.INCONCLUSIVE,
                "metrics of both versions on the same TEST images",
                found,
                remedy);
    }

    /** For a detector also the accuracy at its threshold: AUROC does not depend on the threshold. */
    private static List<String> metrics(Task task) {
        return switch (task) {
            case CLASSIFICATION -> List.of("accuracy");
            case ANOMALY_DETECTION -> List.of("auroc", "accuracy");
        };
    }

    private PromotionCheck compare(Model model, String metric, Measured incumbent, Measured candidate) {
        String found =
                "%s, version %d has %s".formatted(candidate.value(metric), incumbent.number(), incumbent.value(metric));
        if (!incumbent.has(metric) || !candidate.has(metric)) {
            Measured without = incumbent.has(metric) ? candidate : incumbent;
            return new PromotionCheck(
                    Kind.NOT_WORSE,
                    metric,
                    PromotionCheck.Outcome.INCONCLUSIVE,
                    "a value of both versions",
                    found,
                    evaluate(model, without, candidate));
        }
        double least = incumbent.metrics().get(metric) - policy.tolerance();
        boolean notLess = candidate.metrics().get(metric) >= least;
        boolean paired = metric.equals("accuracy")
                && candidate.evidence() != null
                && candidate.evidence().comparable(incumbent.evidence());
        PairedDifference difference = paired ? PairedDifference.of(candidate.evidence(), incumbent.evidence()) : null;
        String pairedFound = paired ? found + "; " + sentence(difference, incumbent, candidate) : found;
        if (metric.equals("accuracy") && policy.comparison() == Comparison.INTERVAL) {
            return difference == null
                    ? missingPairs(model, incumbent, candidate, found)
                    : interval(notLess, difference, pairedFound);
        }
        return check(Kind.NOT_WORSE, metric, notLess, rounded(least) + " or more", pairedFound);
    }

    /** Passes if all of the interval lies above minus the tolerance, and fails if all of it lies below. */
    private PromotionCheck interval(boolean notLess, PairedDifference difference, String found) {
        boolean passed = notLess && difference.low() >= -policy.tolerance();
        if (passed || difference.high() < -policy.tolerance()) {
            return check(Kind.NOT_WORSE, "accuracy", passed, expectedInterval(), found);
        }
        return new PromotionCheck(
                Kind.NOT_WORSE,
                "accuracy",
                PromotionCheck.Outcome.INCONCLUSIVE,
                expectedInterval(),
                found,
                "more TEST images make the interval narrower");
    }

    private PromotionCheck missingPairs(Model model, Measured incumbent, Measured candidate, String found) {
        Measured without = incumbent.evidence() == null ? incumbent : candidate;
        String remedy = without.evidence() == null
                ? evaluate(model, without, candidate)
                : "predictions for each image are not kept of so many TEST images: expected fewer, or the comparison POINT";
        return new PromotionCheck(
                Kind.NOT_WORSE,
                "accuracy",
                PromotionCheck.Outcome.INCONCLUSIVE,
                expectedInterval(),
                found + "; the predictions for each TEST image are not known of both versions",
                remedy);
    }

    private String expectedInterval() {
        return "a difference whose 95 % interval lies above " + rounded(-policy.tolerance());
    }

    /** What supplies the missing evidence of a version on the TEST images of the candidate. */
    private static String evaluate(Model model, Measured version, Measured candidate) {
        return "evaluate version %d on dataset version %d first: ./loupe evaluate %s %d --on %d --wait"
                .formatted(
                        version.number(),
                        candidate.datasetVersion(),
                        model.name(),
                        version.number(),
                        candidate.datasetVersion());
    }

    private static String sentence(PairedDifference difference, Measured incumbent, Measured candidate) {
        return "of %d images %d only version %d predicts rightly, %d only version %d, 95 %% interval of the difference %s to %s"
                .formatted(
                        difference.images(),
                        difference.onlyCandidateRight(),
                        candidate.number(),
                        difference.onlyIncumbentRight(),
                        incumbent.number(),
                        rounded(difference.low()),
                        rounded(difference.high()));
    }

    private static PromotionCheck metricFloor(Model model, String metric, double floor, Measured candidate) {
        String expected = rounded(floor) + " or more";
        return candidate.has(metric)
                ? check(
                        Kind.METRIC_FLOOR,
                        metric,
                        candidate.metrics().get(metric) >= floor,
                        expected,
                        candidate.value(metric))
                : missing(model, Kind.METRIC_FLOOR, metric, expected, candidate);
    }

    private static PromotionCheck recallFloor(Model model, String label, double floor, Measured candidate) {
        String expected = rounded(floor) + " or more";
        if (candidate.evidence() == null) {
            return missing(model, Kind.RECALL_FLOOR, label, expected, candidate);
        }
        LabelCount count = candidate.evidence().labels().get(label);
        return count == null
                ? new PromotionCheck(
                        Kind.RECALL_FLOOR,
                        label,
                        PromotionCheck.Outcome.INCONCLUSIVE,
                        expected,
                        "none",
                        "no counts of this label: expected TEST images with it, or a policy without this floor")
                : check(
                        Kind.RECALL_FLOOR,
                        label,
                        count.recall() >= floor,
                        expected,
                        "%s (%d of %d TEST images)".formatted(rounded(count.recall()), count.right(), count.images()));
    }

    private PromotionCheck testImages(Model model, Measured candidate) {
        String expected = policy.minTestImages() + " or more TEST images";
        return candidate.evidence() == null
                ? missing(model, Kind.TEST_IMAGES, null, expected, candidate)
                : check(
                        Kind.TEST_IMAGES,
                        null,
                        candidate.evidence().images() >= policy.minTestImages(),
                        expected,
                        candidate.evidence().images() + " TEST images");
    }

    private static PromotionCheck check(Kind kind, String subject, boolean passed, String expected, String found) {
        return new PromotionCheck(
                kind,
                subject,
                passed ? PromotionCheck.Outcome.PASS : PromotionCheck.Outcome.FAIL,
                expected,
                found,
                null);
    }

    private static PromotionCheck missing(Model model, Kind kind, String subject, String expected, Measured candidate) {
        return new PromotionCheck(
                kind,
                subject,
                PromotionCheck.Outcome.INCONCLUSIVE,
                expected,
                "none",
                evaluate(model, candidate, candidate));
    }

    private static String rounded(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
