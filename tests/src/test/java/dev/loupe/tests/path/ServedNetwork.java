package dev.loupe.tests.path;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.server.BackboneInput;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.ImportedModels.Upload;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.training.ImageFraming;
import dev.loupe.local.LocalStack;
import dev.loupe.local.LocalStackOptions;
import dev.loupe.local.Ports;
import dev.loupe.local.Server;
import dev.loupe.local.StackListener;
import dev.loupe.model.ModelPackage;
import dev.loupe.tests.path.DrawnSurface.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Loupe's inference-service with a network in three projects: as it is, with waiting requests computed together, and with a
 * second version as a shadow. The services that it does not need for predictions are stopped.
 */
final class ServedNetwork implements AutoCloseable {
    private static final String ALONE = "alone";
    private static final String BATCHED = "batched";
    private static final String SHADOWED = "shadowed";
    private static final int MAX_BATCH = 8;
    private static final Map<String, String> BATCHES =
            Map.of("LOUPE_INFERENCE_BATCHING_MODELS__BATCHED__MAX_SIZE", String.valueOf(MAX_BATCH));
    /** TRAIN, DEV and TEST images of each class, which an import is evaluated on. */
    private static final int IMAGES = 12;

    private final LocalStack stack;
    private final Path model;

    private ServedNetwork(LocalStack stack, Path model) {
        this.stack = stack;
        this.model = model;
    }

    /**
     * Starts Loupe and imports a classifier.
     *
     * @param onnx logits {@code [n, classes]}
     * @param folder for all data
     */
    static ServedNetwork start(byte[] onnx, int classes, Path folder) throws IOException {
        Path file = Files.write(Files.createDirectories(folder).resolve("network.onnx"), onnx);
        Path data = folder.resolve("data");
        LocalStack stack = LocalStack.start(
                new LocalStackOptions(LoupeProgram.HOME, data, Ports.FREE, false, true).withEnvironment(BATCHES),
                StackListener.SILENT);
        try (Connection loupe = new Connection(stack.endpoints())) {
            for (String project : List.of(ALONE, BATCHED, SHADOWED)) {
                prepare(loupe, project, folder);
                int version = imported(loupe, project, file, classes);
                loupe.models().promote(project, "production", version, true, "benchmark");
            }
            int candidate = imported(loupe, SHADOWED, file, classes);
            loupe.canaries().set(SHADOWED, "production", candidate, 0, true, true, "benchmark", null);
            stack.process(Server.TRAINING).destroy();
            stack.process(Server.DATASET).destroy();
            return new ServedNetwork(stack, packagedModel(data));
        } catch (IOException | RuntimeException | Error e) {
            stack.close();
            throw e;
        }
    }

    private static void prepare(Connection loupe, String project, Path folder) throws IOException {
        loupe.datasets().createProject(project, Task.CLASSIFICATION, "brushed surface");
        loupe.datasets().importImages(project, DrawnSurface.classesZip(folder, IMAGES));
        loupe.datasets().freeze(project, 1L, null);
        // training-service learns of the version some moments later
        await().ignoreExceptions()
                .until(() -> loupe.importedModels().list(project).isEmpty());
    }

    /** The number of a version that is the network. */
    private static int imported(Connection loupe, String project, Path file, int classes) throws IOException {
        Upload upload =
                new Upload(project, "network", labels(classes), BackboneInput.IMAGENET, null, null, ImageFraming.WHOLE);
        JsonNode imported = loupe.importedModels().upload(file, upload);
        JsonNode run = loupe.importedModels().start(imported.path("id").asText(), null);
        String id = run.path("id").asText();
        JsonNode over = loupe.training().follow(id, _ -> {});
        assertEquals("SUCCEEDED", over.path("state").asText(), over::toString);
        return loupe.models().awaitReady(project, id).path("number").asInt();
    }

    /** The classes of the images first. */
    private static List<String> labels(int classes) {
        List<String> labels = new ArrayList<>(
                Stream.of(Kind.values()).map(kind -> kind.name().toLowerCase()).toList());
        for (int label = labels.size(); label < classes; label++) {
            labels.add("c" + label);
        }
        return labels;
    }

    /** What Loupe serves: the network as the import has adapted it. */
    private static Path packagedModel(Path data) throws IOException {
        try (Stream<Path> files = Files.walk(data.resolve("models/packages"))) {
            return files.filter(file -> file.endsWith(ModelPackage.MODEL))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** The ONNX file that is served, with the output {@code probabilities}. */
    Path model() {
        return model;
    }

    /** The network that computes each request by itself. */
    NetworkServer alone() {
        return server(ALONE);
    }

    /** The same network, which computes up to eight waiting requests together. */
    NetworkServer batched() {
        return server(BATCHED);
    }

    /** The network whose images a second version sees as well. */
    NetworkServer shadowed() {
        return server(SHADOWED);
    }

    private NetworkServer server(String project) {
        return new NetworkServer(
                "Loupe",
                stack.endpoints().grpc(),
                project,
                stack.process(Server.INFERENCE).toHandle());
    }

    @Override
    public void close() {
        stack.close();
    }
}
