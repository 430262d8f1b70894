package dev.loupe.inference.conformance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All cases, and the page of the documentation that lists them. */
final class ConformancePage {
    private static final String BEGIN = """
            # Open Inference Protocol: conformance

            <!-- Written by ConformancePageTest with -Dloupe.write=true; do not edit. -->

            Loupe implements the [Open Inference Protocol v2](https://github.com/kserve/open-inference-protocol) over gRPC and
            over HTTP, and of Triton's extensions those for streams, the model configuration, the model repository, statistics,
            binary tensor data and classification. [Predictions](predictions.md) describes how to use it. This page lists the
            %d calls that a test (`ConformanceIT`) makes to a running service with each build. *Expected* is what the protocol,
            or Triton where the protocol says nothing, does. *Loupe* is the outcome that the test asserts: `OK`, after it has
            checked the response for what is expected, or the status of the error and its code.

            What differs from Triton:

            - A version can be requested by the name of an alias. Without a version, the alias `production` is used.
            - A version that is not in memory is loaded by the first request for it; `ModelReady` is true for it.
            - An unload is refused for a version that an alias routes to. Loading and unloading act on the replica that receives
              the call.
            - `anomaly_map` is returned only if `outputs` names it.
            - Shared memory, and the settings of traces and logs, are not offered.
            """;

    private ConformancePage() {}

    static List<ConformanceCase> cases() {
        return Stream.of(
                        ModelCases.all(),
                        InferCases.all(),
                        OutputCases.outputs(),
                        OutputCases.stream(),
                        RepositoryCases.repository(),
                        RepositoryCases.statistics(),
                        HttpCases.models(),
                        HttpCases.infer(),
                        HttpCases.binary())
                .flatMap(List::stream)
                .toList();
    }

    static String markdown() {
        Map<String, List<ConformanceCase>> groups = cases().stream()
                .collect(Collectors.groupingBy(ConformanceCase::group, LinkedHashMap::new, Collectors.toList()));
        List<String> lines = new ArrayList<>();
        lines.add(BEGIN.formatted(cases().size()));
        groups.forEach((group, cases) -> {
            lines.add("## " + group + "\n| case | expected | Loupe |\n|---|---|---|");
            cases.forEach(each -> lines.add(
                    "| " + cell(each.name()) + " | " + cell(each.expected()) + " | " + outcome(each.outcome()) + " |"));
            lines.add("");
        });
        return String.join("\n", lines);
    }

    private static String outcome(String outcome) {
        return outcome.startsWith("OK")
                ? cell(outcome)
                : "`" + outcome.replace(" null", "").replace(" ", "` `") + "`";
    }

    private static String cell(String text) {
        return text.replace("|", "&#124;");
    }
}
