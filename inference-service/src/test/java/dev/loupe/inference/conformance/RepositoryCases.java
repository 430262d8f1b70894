package dev.loupe.inference.conformance;

import static dev.loupe.inference.conformance.ConformanceCase.INVALID;
import static dev.loupe.inference.conformance.ConformanceCase.NO_MODEL;
import static dev.loupe.inference.conformance.ConformanceCase.NO_VERSION;
import static dev.loupe.inference.conformance.ConformanceCase.ok;
import static dev.loupe.inference.conformance.ConformanceCase.refused;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.oip.v2.ModelRepositoryParameter;
import dev.loupe.oip.v2.ModelStatistics;
import dev.loupe.oip.v2.ModelStatisticsRequest;
import dev.loupe.oip.v2.RepositoryIndexRequest;
import dev.loupe.oip.v2.RepositoryIndexResponse.ModelIndex;
import dev.loupe.oip.v2.RepositoryModelLoadRequest;
import dev.loupe.oip.v2.RepositoryModelUnloadRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.awt.Color;
import java.util.List;
import java.util.Map;

/** Triton's extensions for the model repository and for statistics, over gRPC. */
final class RepositoryCases {
    private static final String INDEX = "`RepositoryIndex`";
    private static final String LOAD = "`RepositoryModelLoad`";
    private static final String UNLOAD = "`RepositoryModelUnload`";
    private static final String STATISTICS = "`ModelStatistics`";

    private RepositoryCases() {}

    static List<ConformanceCase> repository() {
        return List.of(
                ok(INDEX, "all versions", "name, version, state and reason", s -> {
                    assertEquals("READY ", state(s, s.classifier.name(), "2"));
                    await().until( // not while it is tried again
                                    () -> state(s, s.broken.name(), "1")
                                            .startsWith("UNAVAILABLE model package: expected task"));
                }),
                ok(
                        INDEX,
                        "`ready`",
                        "only versions that are ready",
                        s -> assertTrue(index(s, true).stream()
                                .allMatch(entry -> entry.getState().equals("READY")))),
                refused(INDEX, "the name of a repository", INVALID, s -> s.open()
                        .repositoryIndex(RepositoryIndexRequest.newBuilder()
                                .setRepositoryName("other")
                                .build())),
                ok(LOAD, "parameter `version` with a number as a string", "the version is ready", s -> {
                    load(s, s.moving.name(), Map.of("version", text("2")));
                    assertEquals("READY ", state(s, s.moving.name(), "2"));
                }),
                ok(LOAD, "parameter `version` with a number", "the version is ready", s -> {
                    load(s, s.moving.name(), Map.of("version", number(2)));
                    assertEquals("READY ", state(s, s.moving.name(), "2"));
                }),
                ok(LOAD, "parameter `config` with `version_policy.specific.versions`", "the version is ready", s -> {
                    load(
                            s,
                            s.moving.name(),
                            Map.of("config", text("{\"version_policy\": {\"specific\": {\"versions\": [2]}}}")));
                    assertEquals("READY ", state(s, s.moving.name(), "2"));
                }),
                ok(LOAD, "parameter `pinned`, of Loupe", "the version is ready, and unloading it is refused", s -> {
                    load(s, s.moving.name(), Map.of("version", text("2"), "pinned", bool(true)));
                    StatusRuntimeException refused = assertThrows(
                            StatusRuntimeException.class,
                            () -> unload(s, s.moving.name(), Map.of("version", text("2"))));
                    assertEquals(
                            Status.Code.FAILED_PRECONDITION, refused.getStatus().getCode());
                    load(s, s.moving.name(), Map.of("version", text("2"), "pinned", bool(false)));
                    unload(s, s.moving.name(), Map.of("version", text("2")));
                }),
                refused(
                        LOAD,
                        "parameter `pinned` as a text",
                        INVALID,
                        s -> load(s, s.moving.name(), Map.of("version", text("2"), "pinned", text("yes")))),
                ok(LOAD, "no parameters", "the default version is ready", s -> {
                    load(s, s.moving.name(), Map.of());
                    assertEquals("READY ", state(s, s.moving.name(), "1"));
                }),
                refused(
                        LOAD,
                        "parameter `config` with anything else",
                        INVALID,
                        s -> load(s, s.moving.name(), Map.of("config", text("{\"max_batch_size\": 1}")))),
                refused(
                        LOAD,
                        "parameter `file:…`: a version is immutable",
                        INVALID,
                        s -> load(s, s.moving.name(), Map.of("file:1/model.onnx", text("AAAA")))),
                refused(LOAD, "an unknown model", NO_MODEL, s -> load(s, "no-such-model", Map.of())),
                refused(
                        LOAD,
                        "an unknown version",
                        NO_VERSION,
                        s -> load(s, s.moving.name(), Map.of("version", text("7")))),
                refused(
                        LOAD,
                        "a version that cannot be loaded",
                        "UNAVAILABLE MODEL_NOT_READY",
                        s -> load(s, s.broken.name(), Map.of("version", text("1")))),
                ok(UNLOAD, "a version without an alias", "it is not in memory", s -> {
                    unload(s, s.moving.name(), Map.of("version", text("3")));
                    assertEquals("UNAVAILABLE unloaded", state(s, s.moving.name(), "3"));
                }),
                ok(UNLOAD, "and the next request for it", "Triton refuses it; here it loads the version", s -> {
                    unload(s, s.moving.name(), Map.of("version", text("3")));
                    assertEquals("3", s.infer(s.image(s.moving, "3")).getModelVersion());
                    assertEquals("READY ", state(s, s.moving.name(), "3"));
                }),
                ok(
                        UNLOAD,
                        "`unload_dependents`",
                        "no effect: a version has no dependents",
                        s -> unload(
                                s,
                                s.moving.name(),
                                Map.of(
                                        "version",
                                        text("3"),
                                        "unload_dependents",
                                        ModelRepositoryParameter.newBuilder()
                                                .setBoolParam(true)
                                                .build()))),
                refused(
                        UNLOAD,
                        "a version that an alias routes to",
                        "FAILED_PRECONDITION MODEL_VERSION_IN_USE",
                        s -> unload(s, s.moving.name(), Map.of("version", text("production")))),
                refused(
                        UNLOAD,
                        "all versions of a model with an alias",
                        "FAILED_PRECONDITION MODEL_VERSION_IN_USE",
                        s -> unload(s, s.moving.name(), Map.of())),
                ok(
                        UNLOAD,
                        "all versions of a model without an alias",
                        "none is in memory",
                        s -> unload(s, s.broken.name(), Map.of())),
                refused(UNLOAD, "an unknown model", NO_MODEL, s -> unload(s, "no-such-model", Map.of())),
                refused(
                        UNLOAD,
                        "an unknown version",
                        NO_VERSION,
                        s -> unload(s, s.moving.name(), Map.of("version", number(7)))),
                refused(
                        UNLOAD,
                        "an unknown parameter",
                        INVALID,
                        s -> unload(s, s.moving.name(), Map.of("versions", number(3)))));
    }

    static List<ConformanceCase> statistics() {
        return List.of(
                ok(STATISTICS, "after a request with two images", "one execution, two inferences", s -> {
                    ModelStatistics before =
                            statistics(s, s.classifier.name(), "1").getFirst();
                    s.infer(s.request().addInputs(ConformanceServer.encoded(Color.RED, Color.BLUE)));
                    ModelStatistics after =
                            statistics(s, s.classifier.name(), "1").getFirst();
                    assertEquals(before.getInferenceCount() + 2, after.getInferenceCount());
                    assertEquals(before.getExecutionCount() + 1, after.getExecutionCount());
                    assertEquals(
                            before.getInferenceStats().getSuccess().getCount() + 1,
                            after.getInferenceStats().getSuccess().getCount());
                    assertTrue(after.getInferenceStats().getComputeInfer().getNs()
                            > before.getInferenceStats().getComputeInfer().getNs());
                    assertTrue(after.getInferenceStats().getSuccess().getNs()
                            >= after.getInferenceStats().getQueue().getNs()
                                    + after.getInferenceStats()
                                            .getComputeInput()
                                            .getNs()
                                    + after.getInferenceStats()
                                            .getComputeInfer()
                                            .getNs()
                                    + after.getInferenceStats()
                                            .getComputeOutput()
                                            .getNs());
                    assertTrue(Math.abs(System.currentTimeMillis() - after.getLastInference()) < 60_000);
                }),
                ok(STATISTICS, "`batch_stats`", "the executions of each number of images", s -> {
                    long before = batches(s, 3);
                    s.infer(s.request().addInputs(ConformanceServer.encoded(Color.RED, Color.BLUE, Color.RED)));
                    assertEquals(before + 1, batches(s, 3));
                }),
                ok(STATISTICS, "after a request with an image that is refused", "one failure", s -> {
                    long before = failures(s);
                    assertThrows(
                            StatusRuntimeException.class,
                            () -> s.infer(s.request()
                                    .addInputs(ConformanceServer.input("image", "BYTES", 1))
                                    .addRawInputContents(ConformanceServer.elements(new byte[] {1, 2, 3}))));
                    assertEquals(before + 1, failures(s));
                }),
                ok(
                        STATISTICS,
                        "no version",
                        "all versions of the model that are ready",
                        s -> assertEquals(
                                List.of("1", "2"),
                                statistics(s, s.classifier.name(), "").stream()
                                        .map(ModelStatistics::getVersion)
                                        .toList())),
                ok(
                        STATISTICS,
                        "no model",
                        "all models",
                        s -> assertTrue(statistics(s, "", "").stream()
                                .anyMatch(version -> version.getName().equals(s.detector.name())))),
                refused(STATISTICS, "a version without a model", INVALID, s -> statistics(s, "", "1")),
                refused(STATISTICS, "an unknown model", NO_MODEL, s -> statistics(s, "no-such-model", "")),
                refused(STATISTICS, "an unknown version", NO_VERSION, s -> statistics(s, s.classifier.name(), "7")));
    }

    private static ModelRepositoryParameter bool(boolean value) {
        return ModelRepositoryParameter.newBuilder().setBoolParam(value).build();
    }

    private static List<ModelIndex> index(ConformanceServer s, boolean ready) {
        return s.open()
                .repositoryIndex(
                        RepositoryIndexRequest.newBuilder().setReady(ready).build())
                .getModelsList();
    }

    private static String state(ConformanceServer s, String model, String version) {
        return index(s, false).stream()
                .filter(entry ->
                        entry.getName().equals(model) && entry.getVersion().equals(version))
                .map(entry -> entry.getState() + " " + entry.getReason())
                .findFirst()
                .orElseThrow();
    }

    private static void load(ConformanceServer s, String model, Map<String, ModelRepositoryParameter> parameters) {
        s.open()
                .repositoryModelLoad(RepositoryModelLoadRequest.newBuilder()
                        .setModelName(model)
                        .putAllParameters(parameters)
                        .build());
    }

    private static void unload(ConformanceServer s, String model, Map<String, ModelRepositoryParameter> parameters) {
        s.open()
                .repositoryModelUnload(RepositoryModelUnloadRequest.newBuilder()
                        .setModelName(model)
                        .putAllParameters(parameters)
                        .build());
    }

    private static List<ModelStatistics> statistics(ConformanceServer s, String model, String version) {
        return s.open()
                .modelStatistics(ModelStatisticsRequest.newBuilder()
                        .setName(model)
                        .setVersion(version)
                        .build())
                .getModelStatsList();
    }

    private static long batches(ConformanceServer s, int size) {
        return statistics(s, s.classifier.name(), "1").getFirst().getBatchStatsList().stream()
                .filter(batch -> batch.getBatchSize() == size)
                .mapToLong(batch -> batch.getComputeInfer().getCount())
                .sum();
    }

    private static long failures(ConformanceServer s) {
        return statistics(s, s.classifier.name(), "1")
                .getFirst()
                .getInferenceStats()
                .getFail()
                .getCount();
    }

    private static ModelRepositoryParameter text(String value) {
        return ModelRepositoryParameter.newBuilder().setStringParam(value).build();
    }

    private static ModelRepositoryParameter number(long value) {
        return ModelRepositoryParameter.newBuilder().setInt64Param(value).build();
    }
}
