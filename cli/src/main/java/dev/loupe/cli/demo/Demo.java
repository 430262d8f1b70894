package dev.loupe.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.command.BackbonesCommand;
import dev.loupe.cli.command.FreezeCommand;
import dev.loupe.cli.command.ImportCommand;
import dev.loupe.cli.command.RunProgress;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.ProblemException;
import dev.loupe.cli.server.RunRequest;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.training.Recipe;
import java.nio.file.Path;
import java.util.Locale;

/** The whole job, from pictures to predictions, over the public APIs alone. */
final class Demo {
    private static final String ALIAS = "production";
    private static final long SEED = 1;

    private final Connection connection;
    private final DemoPlan plan;
    private final Narrator narrator;

    Demo(Connection connection, DemoPlan plan, Narrator narrator) {
        this.connection = connection;
        this.plan = plan;
        this.narrator = narrator;
    }

    DemoResult play(Path pictures) {
        String project = createProject();
        narrator.step("Import the pictures: " + pictures);
        JsonNode report = connection.datasets().importImages(project, pictures);
        narrator.tell(ImportCommand.sentences(report));

        narrator.step("Freeze them into a dataset version: from here on nobody can change what was learned from");
        JsonNode dataset = connection.datasets().freeze(project, SEED, "made by ./loupe demo");
        narrator.tell(FreezeCommand.sentences(dataset));

        String backbone = backbone();
        narrator.step("Train " + (plan.task() == Task.CLASSIFICATION ? "a classifier" : "an anomaly detector")
                + " on the features of '" + backbone + "'");
        JsonNode run = train(project, plan.recipe(backbone), true);
        double value = metric(run);
        narrator.tell(String.format(
                Locale.ROOT,
                "trained in %.1f s; %s on the TEST pictures, which it never saw: %.4f",
                run.path("trainSeconds").asDouble(),
                plan.metric(),
                value));

        double control = value;
        if (!backbone.equals(Recipe.RANDOM)) {
            narrator.step("Judge: the same again with a network of random weights. What that one reaches too, proves "
                    + "nothing");
            String random = plan.importsBackbone() ? Recipe.RANDOM + ":" + backbone : Recipe.RANDOM;
            control = metric(train(project, plan.recipe(random), false));
            narrator.tell(String.format(Locale.ROOT, "%-12s %.4f%n%-12s %.4f", backbone, value, "control", control));
        }

        int version = promote(project, run);
        narrator.step(
                "Predict TEST pictures over gRPC (" + connection.endpoints().grpc() + ")");
        int predictions = new TestPredictions(connection, plan, narrator).show(project, version);
        return new DemoResult(
                plan,
                project,
                count(dataset, "TRAIN") + count(dataset, "DEV") + count(dataset, "TEST"),
                count(dataset, "TRAIN"),
                count(dataset, "TEST"),
                value,
                control,
                version,
                predictions,
                run.path("trainSeconds").asDouble());
    }

    /** The first free of {@code demo-anomaly-1}, {@code demo-anomaly-2}, … */
    private String createProject() {
        String stem = "demo-" + (plan.task() == Task.CLASSIFICATION ? "classification" : "anomaly") + "-";
        int number = 1
                + connection.datasets().projects().stream()
                        .map(project -> project.path("name").asText())
                        .filter(name -> name.matches(stem + "\\d{1,6}"))
                        .mapToInt(name -> Integer.parseInt(name.substring(stem.length())))
                        .max()
                        .orElse(0);
        while (true) {
            String name = stem + number++;
            try {
                connection.datasets().createProject(name, plan.task(), null);
                narrator.step("Create the project '" + name + "' (" + plan.task() + ")");
                return name;
            } catch (ProblemException refused) {
                if (!refused.code().equals("PROJECT_EXISTS")) {
                    throw refused;
                }
            }
        }
    }

    /** Name of the backbone; a file is imported unless it is there already. */
    private String backbone() {
        if (!plan.importsBackbone()) {
            return plan.backbone();
        }
        Path file = Path.of(plan.backbone());
        String name = BackbonesCommand.nameOf(file);
        narrator.step("Import the backbone " + file.getFileName());
        boolean known = connection.training().backbones().stream()
                .anyMatch(backbone -> backbone.path("name").asText().equals(name));
        if (known) {
            narrator.tell("'" + name + "' was imported before");
        } else {
            JsonNode backbone = connection.training().importBackbone(file, name, plan.backboneInput());
            narrator.tell("'" + name + "': " + backbone.path("featureMaps").size() + " feature maps");
        }
        return name;
    }

    private JsonNode train(String project, Recipe recipe, boolean register) {
        String id = connection
                .training()
                .start(RunRequest.of(project, recipe, SEED, register))
                .path("id")
                .asText();
        JsonNode run;
        try (RunProgress progress = new RunProgress(narrator.stream())) {
            run = connection.training().follow(id, progress);
        }
        if (!run.path("state").asText().equals("SUCCEEDED")) {
            throw new CommandException("run " + id + " " + run.path("state").asText() + ": "
                    + run.path("reason").asText("no reason given"));
        }
        return run;
    }

    private double metric(JsonNode run) {
        JsonNode value = run.path("metrics").path(plan.metric());
        if (!value.isNumber()) {
            throw new CommandException("run " + run.path("id").asText() + " has no metric '" + plan.metric()
                    + "', only " + run.path("metrics"));
        }
        return value.asDouble();
    }

    private int promote(String project, JsonNode run) {
        narrator.step("Promote: '" + ALIAS + "' points at the new version");
        int version = connection
                .models()
                .awaitReady(project, run.path("id").asText())
                .path("number")
                .asInt();
        connection.models().promote(project, ALIAS, version, false, "made by ./loupe demo");
        narrator.tell("version " + version + " is ready, it reproduced the trainer's scores on its parity samples, and "
                + "answers now for '" + project + "'");
        return version;
    }

    private static int count(JsonNode dataset, String split) {
        int sum = 0;
        for (JsonNode images : dataset.path("counts").path(split)) {
            sum += images.asInt();
        }
        return sum;
    }
}
