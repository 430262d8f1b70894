package dev.loupe.training.run;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A comparison of runs.
 *
 * @param sameTestImages whether all runs were evaluated on the same TEST images with the same labels; if not, their
 *     metrics are hardly comparable
 * @param runs the runs, in the order of submission
 * @param parameters parameters of the runs, by name
 * @param metrics metrics on the TEST images, by name
 */
public record RunComparison(boolean sameTestImages, List<Compared> runs, List<Row> parameters, List<Row> metrics) {

    /**
     * A run.
     *
     * @param id id of the run
     * @param kind what it does
     * @param project name of its project
     * @param datasetVersion number of the dataset version
     * @param testDigest digest of the TEST images and their labels
     * @param state current state
     * @param trainSeconds wall-clock time of the attempt that SUCCEEDED
     * @param createdAt when it was submitted
     */
    public record Compared(
            UUID id,
            RunKind kind,
            String project,
            int datasetVersion,
            String testDigest,
            RunState state,
            Double trainSeconds,
            Instant createdAt) {}

    /**
     * A parameter or a metric.
     *
     * @param name name of the parameter or metric
     * @param values one value for each run, null for a run without one
     * @param differs whether at least two of the values differ
     */
    public record Row(
            String name,
            @Schema(description = "one for each run") List<Object> values,
            boolean differs) {
        static Row of(String name, List<Object> values) {
            return new Row(name, values, values.stream().distinct().count() > 1);
        }
    }

    /** @param testDigests digests of the TEST images of the runs, in the same order */
    static RunComparison of(List<Run> runs, List<String> testDigests) {
        List<Compared> compared = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            Run run = runs.get(i);
            compared.add(new Compared(
                    run.id(),
                    run.settings().kind(),
                    run.data().project(),
                    run.data().datasetVersion(),
                    testDigests.get(i),
                    run.status().state(),
                    run.outcome().trainSeconds(),
                    run.times().createdAt()));
        }
        boolean same = testDigests.stream().distinct().count() == 1;
        return new RunComparison(same, compared, parameters(runs), metrics(runs));
    }

    private static List<Row> parameters(List<Run> runs) {
        Map<String, Function<Run, Object>> parameters = new LinkedHashMap<>();
        parameters.put("recipe", run -> run.settings().recipe().name());
        runs.stream()
                .flatMap(run -> run.settings().recipe().parameters().keySet().stream())
                .forEach(name -> parameters.put(
                        name, run -> run.settings().recipe().parameters().get(name)));
        parameters.put("seed", run -> run.settings().seed());
        parameters.put("datasetVersion", run -> run.data().datasetVersion());
        return parameters.entrySet().stream()
                .map(parameter -> Row.of(parameter.getKey(), values(runs, parameter.getValue())))
                .toList();
    }

    private static List<Row> metrics(List<Run> runs) {
        TreeSet<String> names = new TreeSet<>();
        runs.forEach(run -> names.addAll(run.outcome().metrics().keySet()));
        return names.stream()
                .map(name ->
                        Row.of(name, values(runs, run -> run.outcome().metrics().get(name))))
                .toList();
    }

    private static List<Object> values(List<Run> runs, Function<Run, Object> value) {
        return runs.stream().map(value).toList();
    }
}
