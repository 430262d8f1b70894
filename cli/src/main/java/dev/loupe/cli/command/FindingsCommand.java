package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import dev.loupe.client.dataset.model.FindingKind;
import dev.loupe.client.dataset.model.FindingState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "findings",
        description = {
            "Lists findings about a project's images: near duplicates, outliers, too few images, wrong labels.",
            "Accepts or dismisses them."
        },
        mixinStandardHelpOptions = true)
public final class FindingsCommand implements Runnable {
    private static final String NAME_OR_ID = "its name or id";
    private static final String FINDING = "its id";
    private static final String REASON = "kept with the decision";

    @Mixin
    private ServerOptions server;

    @Parameters(paramLabel = "PROJECT", arity = "0..1", description = NAME_OR_ID)
    private String project;

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            description = "only findings of this kind: ${COMPLETION-CANDIDATES}; may be repeated")
    private List<FindingKind> kinds;

    @Option(
            names = "--state",
            paramLabel = "STATE",
            description = "findings in this state: ${COMPLETION-CANDIDATES}; may be repeated (default: OPEN)")
    private List<FindingState> states;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "100",
            description = "at most N findings (default: ${DEFAULT-VALUE})")
    private int limit;

    @Override
    public void run() {
        if (project == null) {
            throw new UsageException("expected the PROJECT whose findings are to be listed");
        }
        if (limit < 1) {
            throw new UsageException("--limit: expected 1 or more, got " + limit);
        }
        try (Connection connection = server.connect()) {
            server.output()
                    .list(
                            connection
                                    .findings()
                                    .list(
                                            project,
                                            kinds == null ? List.of() : kinds,
                                            states == null ? List.of(FindingState.OPEN) : states,
                                            limit),
                            Column.whole("FINDING", "id"),
                            Column.of("SEVERITY", "severity"),
                            new Column("KIND", finding -> words(finding.path("kind"))),
                            Column.of("STATE", "state"),
                            Column.of("MESSAGE", "message"));
        }
    }

    @Command(name = "show", description = "Shows a finding and its images.", mixinStandardHelpOptions = true)
    void show(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String name,
            @Parameters(paramLabel = "FINDING", description = FINDING) String id) {
        try (Connection connection = options.connect()) {
            JsonNode finding = connection.findings().get(name, id);
            options.output().item(finding, sentence(finding));
            List<JsonNode> images = new ArrayList<>();
            finding.path("images").forEach(images::add);
            if (!images.isEmpty() && !options.output().isJson()) {
                options.output()
                        .list(
                                images,
                                new Column(
                                        "IMAGE",
                                        image -> image.path("sha256").asText().substring(0, 12),
                                        true),
                                Column.of("NAME", "name"),
                                Column.of("LABEL", "label"),
                                Column.of("DEFECT", "defect"),
                                Column.of("SPLIT", "split"),
                                new Column("PIXELS", image -> image.path("width") + " x " + image.path("height")));
            }
        }
    }

    private static String sentence(JsonNode finding) {
        String decision = finding.has("decidedBy")
                ? " by " + finding.path("decidedBy").asText() + " " + Output.minute(finding.path("decidedAt"))
                : "";
        String reason = finding.has("reason") ? ": " + finding.path("reason").asText() : "";
        return "%s, %s: %s.\n%s%s%s"
                .formatted(
                        finding.path("severity").asText(),
                        words(finding.path("kind")),
                        finding.path("message").asText(),
                        words(finding.path("state")),
                        decision,
                        reason);
    }

    @Command(
            name = "dismiss",
            description = "Decides that findings are no problem. They stay dismissed when they are found again.",
            mixinStandardHelpOptions = true)
    void dismiss(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String name,
            @Parameters(paramLabel = "FINDING", arity = "1..*", description = FINDING) List<String> ids,
            @Option(names = "--reason", paramLabel = "TEXT", description = REASON) String reason) {
        decide(options, name, ids, FindingState.DISMISSED, reason);
    }

    @Command(
            name = "accept",
            description = "Decides that findings are known problems; a freeze no longer warns of them.",
            mixinStandardHelpOptions = true)
    void accept(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String name,
            @Parameters(paramLabel = "FINDING", arity = "1..*", description = FINDING) List<String> ids,
            @Option(names = "--reason", paramLabel = "TEXT", description = REASON) String reason) {
        decide(options, name, ids, FindingState.ACCEPTED, reason);
    }

    @Command(name = "reopen", description = "Withdraws the decisions on findings.", mixinStandardHelpOptions = true)
    void reopen(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String name,
            @Parameters(paramLabel = "FINDING", arity = "1..*", description = FINDING) List<String> ids) {
        decide(options, name, ids, FindingState.OPEN, null);
    }

    private static void decide(
            ServerOptions options, String project, List<String> ids, FindingState state, String reason) {
        try (Connection connection = options.connect()) {
            for (String id : ids) {
                JsonNode finding = connection.findings().decide(project, id, state, reason);
                options.output()
                        .item(
                                finding,
                                id + " is " + words(finding.path("state")) + ": "
                                        + finding.path("message").asText());
            }
        }
    }

    /** {@code near duplicates} for {@code NEAR_DUPLICATES}. */
    private static String words(JsonNode constant) {
        return constant.asText().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
