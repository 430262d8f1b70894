package dev.loupe.training.imported;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.events.v1.DatasetVersionFrozen;
import dev.loupe.events.v1.ModelOrigin;
import dev.loupe.events.v1.ModelPackageProduced;
import dev.loupe.events.v1.ObjectRef;
import dev.loupe.events.v1.ProjectChanged;
import dev.loupe.events.v1.Task;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.Sha256;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.TopicReader;
import dev.loupe.training.Networks;
import dev.loupe.training.Scene;
import dev.loupe.training.TrainerProcessResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "training"))
@QuarkusTestResource(TrainerProcessResource.class)
class ImportedModelIT {
    private static final byte[] NETWORK = Networks.classifier(3);
    private static final String LABELS = "&label=b&label=rust, red&label=a";

    @Inject
    ObjectStore store;

    @Inject
    StorageConfig storage;

    @Inject
    ObjectMapper json;

    private DatasetVersionFrozen version;
    private String project;

    @BeforeEach
    void freezeAProject() throws IOException {
        version = freeze(Task.CLASSIFICATION, List.of("a", "b"), 4);
        project = version.getProjectName();
    }

    private DatasetVersionFrozen freeze(Task task, List<String> classes, int testImages) throws IOException {
        DatasetVersionFrozen.Builder frozen = Scene.version(task).setTestImages(testImages);
        byte[] manifest = json.writeValueAsBytes(new DatasetManifest(
                1,
                frozen.getProjectId(),
                frozen.getProjectName(),
                dev.loupe.contracts.Task.valueOf(task.name()),
                frozen.getDatasetVersionId(),
                1,
                1,
                storage.bucket(),
                classes,
                frozen.getTestDigest(),
                List.of()));
        store.put(new ObjectLocation(storage.bucket(), frozen.getManifest().getKey()), manifest, "application/json");
        DatasetVersionFrozen event = frozen.setManifest(ObjectRef.newBuilder(frozen.getManifest())
                        .setBucket(storage.bucket())
                        .setSha256(Sha256.of(manifest)))
                .build();
        Scene.freeze(event);
        return event;
    }

    private static Response post(String query, byte[] body) {
        return given().contentType("application/octet-stream").body(body).post("/api/v1/imported-models" + query);
    }

    private String uploaded(String name) {
        return post("?project=" + project + "&name=" + name + LABELS, NETWORK)
                .then()
                .statusCode(201)
                .extract()
                .path("id");
    }

    private static Response start(String model, Map<String, Object> body) {
        return given().contentType(ContentType.JSON).body(body).post("/api/v1/imported-models/" + model + "/runs");
    }

    private boolean isStored(String id) {
        return store.find(new ObjectLocation(storage.bucket(), "imported-models/" + id + ".onnx"))
                .isPresent();
    }

    @Test
    void uploadIsValidatedStoredListedAndDeleted() {
        Response answer = post(
                "?project=" + project + "&name=net&scale=127.5&mean=1,1,1&std=1,1,1&output=logits&inputSize=8"
                        + "&fit=crop&centerCrop=0.875&channelOrder=BGR" + LABELS,
                NETWORK);
        String id = answer.path("id");
        answer.then()
                .statusCode(201)
                .header("Location", endsWith("/api/v1/imported-models/" + id))
                .body("project", equalTo(project), "name", equalTo("net"), "size", equalTo(NETWORK.length))
                .body("sha256", equalTo(Sha256.of(NETWORK)), "labels", equalTo(List.of("b", "rust, red", "a")))
                .body("scale", equalTo(127.5f), "output", equalTo("logits"), "inputSize", equalTo(8))
                .body("fit", equalTo("crop"), "centerCrop", equalTo(0.875f), "channelOrder", equalTo("BGR"))
                .body("layout", equalTo("CHANNELS_FIRST"), "scores", equalTo("LOGITS"), "width", equalTo(8));
        assertTrue(isStored(id));
        String other = uploaded("other");
        given().get("/api/v1/imported-models/" + id).then().body("mean", equalTo(List.of(1f, 1f, 1f)));
        given().get("/api/v1/imported-models?project=" + project)
                .then()
                .body("items.id", equalTo(List.of(other, id)), "nextCursor", nullValue());
        Response page = given().get("/api/v1/imported-models?limit=1&project=" + project);
        given().get("/api/v1/imported-models?limit=1&project=" + project + "&cursor=" + page.path("nextCursor"))
                .then()
                .body("items.id", equalTo(List.of(id)), "nextCursor", nullValue());

        given().delete("/api/v1/imported-models/" + id).then().statusCode(204);
        given().get("/api/v1/imported-models/" + id)
                .then()
                .statusCode(404)
                .body("code", equalTo("IMPORTED_MODEL_NOT_FOUND"));
        assertEquals(false, isStored(id));
    }

    @Test
    void nameOfAProjectNeverComesToMeanAnotherModel() throws IOException {
        String query = "?project=" + project + "&name=net" + LABELS;
        String id = uploaded("net");
        post(query, NETWORK).then().statusCode(201).body("id", equalTo(id));
        for (Response other : List.of(
                post(query + "&scale=1", NETWORK),
                post("?project=" + project + "&name=net&label=a&label=b&label=c", NETWORK),
                post("?project=" + project + "&name=net&label=a&label=b", Networks.classifier(2)))) {
            other.then().statusCode(409).body("code", equalTo("IMPORTED_MODEL_EXISTS"));
        }
        project = freeze(Task.CLASSIFICATION, List.of("a"), 1).getProjectName();
        assertTrue(!uploaded("net").equals(id));
    }

    @Test
    void unusableFileIsRefusedWithTheReason() throws IOException {
        refused("not an ONNX model", "<html>".getBytes());
        refused("loop", Networks.endless());
        refused("expected one output [n, 3]", Networks.classifier(4));
        refused("expected one output [n, 3]", Networks.modest());
        refused("alloc", Networks.largeIntermediate());
        post("?project=" + project + "&name=net&inputSize=9" + LABELS, NETWORK)
                .then()
                .statusCode(422)
                .body("detail", containsString("8 pixels, and not 9"));
        given().get("/api/v1/imported-models?project=" + project).then().body("items", equalTo(List.of()));

        String detector =
                freeze(Task.ANOMALY_DETECTION, List.of("normal", "abnormal"), 4).getProjectName();
        post("?project=" + detector + "&name=net" + LABELS, NETWORK)
                .then()
                .statusCode(422)
                .body("code", equalTo("IMPORTED_MODEL_INVALID"), "detail", containsString("ANOMALY_DETECTION"));
    }

    private void refused(String reason, byte[] network) {
        post("?project=" + project + "&name=net" + LABELS, network)
                .then()
                .statusCode(422)
                .body("code", equalTo("IMPORTED_MODEL_INVALID"), "detail", containsString("'net'"))
                .body("detail", containsString(reason));
    }

    @Test
    void invalidRequestsAreRefused() {
        String valid = "?project=" + project + "&name=net" + LABELS;
        for (String query : List.of(
                "",
                "?name=net" + LABELS,
                "?project=" + project + LABELS,
                "?project=" + project + "&name=NET" + LABELS,
                "?project=" + project + "&name=net",
                "?project=" + project + "&name=net&label=a",
                "?project=" + project + "&name=net&label=a&label=a",
                "?project=" + project + "&name=net&label=a&label=",
                "?project=" + project + "&name=net&label=a&label=b/c",
                valid + "&scale=0",
                valid + "&mean=1,2",
                valid + "&std=0,1,1",
                valid + "&inputSize=0",
                valid + "&inputSize=5000",
                valid + "&fit=squash",
                valid + "&centerCrop=0",
                valid + "&centerCrop=1.1",
                valid + "&centerCrop=0,875",
                valid + "&channelOrder=rgb",
                valid + "&output=" + "x".repeat(300))) {
            Response answer = post(query, NETWORK);
            assertEquals(400, answer.statusCode(), query + answer.asString());
            assertEquals("INVALID_REQUEST", answer.path("code"), query);
        }
        post("?project=nosuch&name=net" + LABELS, NETWORK)
                .then()
                .statusCode(404)
                .body("code", equalTo("DATASET_VERSION_NOT_FOUND"), "retryable", equalTo(true));
        given().get("/api/v1/imported-models?project=nosuch").then().statusCode(404);
        given().get("/api/v1/imported-models/x").then().statusCode(404);
        given().get("/api/v1/imported-models?cursor=***").then().statusCode(400);
    }

    @Test
    void thousandLabelsFitIntoARequest() {
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            labels.add("a label of some length, the one with the number " + i);
        }
        given().contentType("application/octet-stream")
                .queryParam("project", project)
                .queryParam("name", "large")
                .queryParam("label", labels)
                .body(Networks.classifier(1000))
                .post("/api/v1/imported-models")
                .then()
                .statusCode(201)
                .body("labels", equalTo(labels));
    }

    @Test
    void runOfTheKindImportMakesAVersionThatIsEvaluatedLikeATrainedOne() throws Exception {
        String model = uploaded("net");
        Response queued = start(model, Map.of());
        String run = queued.path("id");
        queued.then()
                .statusCode(202)
                .header("Location", endsWith("/api/v1/runs/" + run))
                .body("kind", equalTo("IMPORT"), "register", equalTo(true), "priority", equalTo(10))
                .body("importedModel.id", equalTo(model), "importedModel.name", equalTo("net"))
                .body("recipe.name", equalTo("imported"), "recipe.parameters.sha256", equalTo(Sha256.of(NETWORK)));
        Scene.awaitState(run, "SUCCEEDED");

        ModelPackageProduced produced = produced(run);
        assertEquals(ModelOrigin.IMPORTED, produced.getOrigin());
        assertEquals("imported", produced.getRecipe());
        assertEquals(version.getTestDigest(), produced.getTestDigest());
        given().get("/api/v1/runs?kind=IMPORT&project=" + project)
                .then()
                .statusCode(200)
                .body("items.id", equalTo(List.of(run)));
        given().get("/api/v1/evaluations/" + run)
                .then()
                .statusCode(200)
                .body("kind", equalTo("IMPORT"), "evaluation.report.images", equalTo(4));
        String trained = Scene.run(project, 1);
        Scene.awaitState(trained, "SUCCEEDED");
        assertEquals(ModelOrigin.TRAINED, produced(trained).getOrigin());
        Scene.get(trained).then().body("importedModel", nullValue());
        String evaluation = given().contentType(ContentType.JSON)
                .body(Map.of("run", run, "datasetVersion", 1))
                .post("/api/v1/evaluations")
                .then()
                .statusCode(202)
                .body("knownImages", equalTo(0))
                .extract()
                .path("id");
        Scene.awaitState(evaluation, "SUCCEEDED");

        given().delete("/api/v1/imported-models/" + model)
                .then()
                .statusCode(409)
                .body("code", equalTo("IMPORTED_MODEL_IN_USE"));
    }

    private static ModelPackageProduced produced(String run) {
        return Scene.records("loupe.training", all -> all.stream().anyMatch(record -> isOf(record, run))).stream()
                .filter(record -> isOf(record, run))
                .map(ImportedModelIT::parse)
                .findFirst()
                .orElseThrow();
    }

    private static boolean isOf(ConsumerRecord<String, byte[]> record, String run) {
        return TopicReader.type(record).equals("dev.loupe.model-package-produced.v1")
                && parse(record).getRunId().equals(run);
    }

    private static ModelPackageProduced parse(ConsumerRecord<String, byte[]> record) {
        try {
            return ModelPackageProduced.parseFrom(record.value());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void runThatMakesNoSenseIsRefused() throws IOException {
        String model = uploaded("net");
        start(UUID.randomUUID().toString(), Map.of())
                .then()
                .statusCode(404)
                .body("code", equalTo("IMPORTED_MODEL_NOT_FOUND"));
        start(model, Map.of("datasetVersion", 9))
                .then()
                .statusCode(404)
                .body("code", equalTo("DATASET_VERSION_NOT_FOUND"));
        start(model, Map.of("priority", 101)).then().statusCode(400).body("code", equalTo("INVALID_REQUEST"));

        project = freeze(Task.CLASSIFICATION, List.of("a", "hair"), 4).getProjectName();
        start(uploaded("net"), Map.of())
                .then()
                .statusCode(422)
                .body("code", equalTo("IMPORTED_MODEL_INVALID"), "detail", containsString("lacks 1"))
                .body("detail", containsString("hair"));
        project = freeze(Task.CLASSIFICATION, List.of("a"), 0).getProjectName();
        start(uploaded("net"), Map.of())
                .then()
                .statusCode(422)
                .body("code", equalTo("IMPORTED_MODEL_INVALID"), "detail", containsString("TEST images"));
    }

    @Test
    void modelsOfADeletedProjectAreDeletedWithIt() {
        String unused = uploaded("unused");
        String used = uploaded("used");
        String run = start(used, Map.of()).then().statusCode(202).extract().path("id");
        Scene.awaitState(run, "SUCCEEDED");

        Scene.send(
                UUID.randomUUID().toString(),
                "dev.loupe.project-changed.v1",
                ProjectChanged.newBuilder()
                        .setProjectId(version.getProjectId())
                        .setName(project)
                        .setDeleted(true)
                        .setRevision(2)
                        .build()
                        .toByteArray());

        await().atMost(Duration.ofMinutes(2)).until(() -> !isStored(unused) && !isStored(used));
        given().get("/api/v1/imported-models?limit=1000").then().body("items.id", not(hasItem(used)));
    }
}
