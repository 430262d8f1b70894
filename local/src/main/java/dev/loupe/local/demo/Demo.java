package dev.loupe.local.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.command.BackbonesCommand;
import dev.loupe.cli.command.ControlText;
import dev.loupe.cli.command.FreezeCommand;
import dev.loupe.cli.command.ImportCommand;
import dev.loupe.cli.command.Output;
import dev.loupe.cli.command.RunProgress;
import dev.loupe.cli.command.SelectionText;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.RunRequest;
import dev.loupe.client.ProblemException;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.recipe.Recipe;
import java.nio.file.Path;
import java.util.Locale;

/** All steps from images to predictions, over the public APIs alone. */
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

    DemoResult play(Path images) {
        String project = createProject();
        narrator.step("Import the images: " + images);
        JsonNode report;
        try (RunProgress progress = new RunProgress(narrator.stream())) {
            report = connection.datasets().importImages(project, images, progress);
        }
        narrator.tell(ImportCommand.reported(report));

        narrator.step("Freeze them into a dataset version, which never changes");
        JsonNode dataset = connection.datasets().freeze(project, SEED, "made by ./loupe demo");
        narrator.tell(FreezeCommand.sentences(dataset));

        String backbone = backbone();
        narrator.step(
                plan.chooses()
                        ? switch (plan.task()) {
                            case CLASSIFICATION ->
                                "Train several classifiers, and keep the one that does best on the DEV images";
                            case ANOMALY_DETECTION ->
                                "Train anomaly detectors: several if DEV has abnormal images to choose by, else the default";
                        }
                        : "Train " + (plan.task() == Task.CLASSIFICATION ? "a classifier" : "an anomaly detector")
                                + " on the features of '" + backbone + "'");
        JsonNode run = train(project, plan.recipe(backbone));
        narrator.tell(String.format(
                Locale.ROOT, "trained in %.1f s", run.path("trainSeconds").asDouble()));
        SelectionText.lines(run).forEach(narrator::tell);
        Evaluation evaluation =
                evaluate(dataset, plan.chooses() ? run.at("/selection/chosen").asText() : backbone, run);

        int version = promote(project, run);
        narrator.step("Predict images over gRPC (" + connection.endpoints().grpc() + ")");
        int predictions = new TestPredictions(connection, plan, narrator)
                .show(project, dataset.path("number").asInt(), version);
        return new DemoResult(
                plan,
                project,
                count(dataset, "TRAIN") + count(dataset, "DEV") + count(dataset, "TEST"),
                count(dataset, "TRAIN"),
                count(dataset, "TEST"),
                evaluation.value(),
                evaluation.control(),
                version,
                predictions,
                run.path("trainSeconds").asDouble());
    }

    /**
     * What the model reaches on TEST images.
     *
     * @param value of the plan's metric, null if it could not be measured
     * @param control the same of the control of the run; null if it has none
     */
    private record Evaluation(Double value, Double control) {}

    private Evaluation evaluate(JsonNode dataset, String name, JsonNode run) {
        Double value = metric(run);
        if (value == null) {
            narrator.step("Skip the evaluation: " + whyNotMeasured(dataset));
            return new Evaluation(null, null);
        }
        narrator.step("Evaluate on TEST images, which the training never saw");
        narrator.tell(String.format(Locale.ROOT, "%-12s %s %.4f", name, plan.metric(), value));
        if (name.equals(BackboneName.RANDOM)) {
            return new Evaluation(value, value);
        }
        ControlText.lines(run).forEach(narrator::tell);
        JsonNode control = run.at("/control/value");
        return new Evaluation(value, control.isNumber() ? control.asDouble() : null);
    }

    private String whyNotMeasured(JsonNode dataset) {
        JsonNode test = dataset.path("counts").path("TEST");
        if (plan.task() == Task.CLASSIFICATION || count(dataset, "TEST") == 0) {
            return "there are no TEST images";
        }
        String missing = test.path("abnormal").asInt() == 0 ? "abnormal" : "normal";
        return plan.metric() + " needs normal and abnormal TEST images, and there are no " + missing
                + " ones (layout: test/good/ and test/DEFECT/)";
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

    /** Name of the backbone, null if the model is chosen among several; a file is imported unless it is there already. */
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
            narrator.tell("'" + name + "': "
                    + Output.count(backbone.path("featureMaps").size(), "feature map"));
        }
        return name;
    }

    private JsonNode train(String project, Recipe recipe) {
        String id = connection
                .training()
                .start(RunRequest.of(project, recipe, SEED, true))
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

    /** Null for a metric that the images do not allow. */
    private Double metric(JsonNode run) {
        JsonNode value = run.path("metrics").path(plan.metric());
        return value.isNumber() ? value.asDouble() : null;
    }

    private int promote(String project, JsonNode run) {
        narrator.step("Promote: '" + ALIAS + "' points at the new version");
        int version = connection
                .models()
                .awaitReady(project, run.path("id").asText())
                .path("number")
                .asInt();
        connection.models().promote(project, ALIAS, version, false, "made by ./loupe demo");
        narrator.tell("version " + version + " is ready: it reproduced the trainer's scores on its parity samples, and "
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
