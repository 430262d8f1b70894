package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Json;
import dev.loupe.cli.server.Training;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.CatalogueEntry;
import dev.loupe.contracts.recipe.RecipeCatalogue;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "search",
        description = {
            "Searches for good parameters of a recipe: each trial is a run that measures on DEV.",
            "Then trains with the best ones, evaluates on TEST and registers the model."
        },
        mixinStandardHelpOptions = true)
final class SearchCommand implements Callable<Integer> {
    private static final Duration POLL_INTERVAL = Duration.ofSeconds(1);

    @Mixin
    private ServerOptions server;

    @Parameters(paramLabel = "PROJECT", description = "its name or id")
    private String project;

    @Option(names = "--dataset-version", paramLabel = "N", description = "(default: the newest)")
    private Integer datasetVersion;

    @Option(
            names = "--recipe",
            paramLabel = "NAME",
            description = "(default: the first one for the project's task that has parameters to search)")
    private String recipe;

    @Option(
            names = {"-P", "--parameter"},
            paramLabel = "NAME=VALUE",
            description = "that all trials share; ./loupe recipes NAME lists them")
    private Map<String, String> parameters = Map.of();

    @Option(
            names = {"-S", "--space"},
            paramLabel = "NAME=RANGE",
            description = {
                "a parameter to vary: MIN..MAX, log:MIN..MAX (a logarithmic scale), or values with commas between",
                "(default: those that the catalogue names for the recipe)"
            })
    private Map<String, String> space = Map.of();

    @Option(names = "--method", paramLabel = "METHOD", description = "random, tpe (default) or successive-halving")
    private String method;

    @Option(names = "--trials", paramLabel = "N", description = "different parameters to try (default: 20)")
    private Integer trials;

    @Option(
            names = "--parallel",
            paramLabel = "N",
            description = "most trials at the same time (default: 4, or fewer if the server or the quota allows fewer)")
    private Integer parallel;

    @Option(names = "--seed", paramLabel = "N", description = "of the proposals and of the runs (default: 1)")
    private Long seed;

    @Option(
            names = "--objective",
            paramLabel = "METRIC",
            description = "metric on DEV to maximise (default: accuracy, in anomaly detection auroc)")
    private String objective;

    @Option(
            names = "--reduction-factor",
            paramLabel = "N",
            description = "successive-halving: one of N trials goes on, with N times the epochs (default: 3)")
    private Integer reductionFactor;

    @Option(
            names = "--min-epochs",
            paramLabel = "N",
            description = "successive-halving: fewest epochs of a trial (default: 1)")
    private Integer minEpochs;

    @Option(names = "--no-register", description = "make no model version of the best parameters")
    private boolean measureOnly;

    @Option(names = "--priority", paramLabel = "N", description = "-100..100: the larger, the sooner (default: 0)")
    private Integer priority;

    @Option(names = "--gpus", paramLabel = "N", description = "that each trainer asks for (default: the server's own)")
    private Integer gpus;

    @Option(
            names = "--wait",
            description = "show each trial until the search is over; the exit code tells how it ended")
    private boolean wait;

    @Override
    public Integer call() throws InterruptedException {
        try (Connection connection = server.connect()) {
            Task task = Task.valueOf(
                    connection.datasets().project(project).path("task").asText());
            Training training = connection.training();
            JsonNode search = training.startSearch(request(entry(training.recipes(), task)));
            String id = search.path("id").asText();
            if (!wait) {
                server.output().item(search, "Search " + id + " has begun. Follow it: ./loupe searches show " + id);
                return 0;
            }
            JsonNode over = follow(training, id);
            SearchesCommand.print(server.output(), over);
            return over.path("state").asText().equals("SUCCEEDED") ? 0 : 1;
        }
    }

    private CatalogueEntry entry(RecipeCatalogue catalogue, Task task) {
        if (recipe == null) {
            return catalogue.recipes().stream()
                    .filter(entry -> entry.task() == task && !entry.search().isEmpty())
                    .findFirst()
                    .orElseThrow(() -> new CommandException("no recipe for " + task + " has parameters to search"));
        }
        return catalogue
                .find(recipe)
                .orElseThrow(() -> new UsageException("--recipe: there is no recipe '" + recipe + "'"));
    }

    private ObjectNode request(CatalogueEntry entry) {
        ObjectNode body = Json.object().put("project", project);
        body.set("recipe", Json.of(RecipeOptions.given(entry, parameters)));
        if (!space.isEmpty()) {
            body.set("space", SearchRanges.json(entry, space));
        }
        if (method != null) {
            body.put("method", method.toUpperCase(Locale.ROOT).replace('-', '_'));
        }
        put(body, "datasetVersion", datasetVersion);
        put(body, "trials", trials);
        put(body, "parallel", parallel);
        put(body, "reductionFactor", reductionFactor);
        put(body, "minEpochs", minEpochs);
        put(body, "priority", priority);
        if (seed != null) {
            body.put("seed", seed);
        }
        if (objective != null) {
            body.put("objective", objective);
        }
        if (gpus != null) {
            body.putObject("resources").put("gpus", gpus);
        }
        return body.put("register", !measureOnly);
    }

    private static void put(ObjectNode body, String field, Integer value) {
        if (value != null) {
            body.put(field, value);
        }
    }

    /** Prints each trial that has ended, and returns the search when it is over. */
    private static JsonNode follow(Training training, String id) throws InterruptedException {
        int shown = 0;
        while (true) {
            JsonNode search = training.search(id);
            int over = search.at("/counts/succeeded").asInt()
                    + search.at("/counts/failed").asInt();
            if (over > shown) {
                shown = over;
                System.err.println("  " + over + " of at most "
                        + search.at("/counts/total").asInt() + " trials"
                        + (search.hasNonNull("best")
                                ? ", best " + search.path("objective").asText() + " on DEV "
                                        + Output.text(search.at("/best/metric"))
                                : ""));
            }
            if (Training.isFinal(search)) {
                return search;
            }
            Thread.sleep(POLL_INTERVAL);
        }
    }
}
