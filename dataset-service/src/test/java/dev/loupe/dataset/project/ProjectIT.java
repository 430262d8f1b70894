package dev.loupe.dataset.project;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.loupe.dataset.DatasetServiceIT;
import dev.loupe.dataset.Drawn;
import dev.loupe.dataset.Zip;
import dev.loupe.events.v1.ProjectChanged;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.Sha256;
import dev.loupe.testing.TopicReader;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class ProjectIT extends DatasetServiceIT {
    @Inject
    ObjectStore store;

    @ConfigProperty(name = "loupe.storage.bucket")
    String bucket;

    @Inject
    Jdbi jdbi;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String brokers;

    private static Response create(String body) {
        return given().contentType(ContentType.JSON).body(body).post("/api/v1/projects");
    }

    @Test
    void aProjectIsFoundByItsIdAndByItsName() {
        Response created =
                create("{\"name\": \"solar-cell\", \"task\": \"ANOMALY_DETECTION\", \"itemKind\": \"one cell\"}");
        created.then()
                .statusCode(201)
                .header("Location", containsString("/api/v1/projects/solar-cell"))
                .body("createdAt", notNullValue());
        for (String address : new String[] {"solar-cell", created.path("id")}) {
            given().get("/api/v1/projects/" + address)
                    .then()
                    .statusCode(200)
                    .body(
                            "name", equalTo("solar-cell"),
                            "task", equalTo("ANOMALY_DETECTION"),
                            "itemKind", equalTo("one cell"),
                            "images", equalTo(0));
        }
        create("{\"name\": \"solar-cell\", \"task\": \"CLASSIFICATION\"}")
                .then()
                .statusCode(409)
                .body("code", equalTo("PROJECT_EXISTS"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"name\": \"Solar\", \"task\": \"CLASSIFICATION\"}",
                "{\"name\": \"../x\", \"task\": \"CLASSIFICATION\"}",
                "{\"name\": \"x\"}",
                "{\"task\": \"CLASSIFICATION\"}",
                "{\"name\": \"x\", \"task\": \"SEGMENTATION\"}",
                "{\"name\": \"x\", \"task\": \"CLASSIFICATION\", \"colour\": 1}",
                "{\"name\": \"x\", ",
                "[]",
                "null",
                ""
            })
    void aProjectThatCannotBeIsRefused(String body) {
        create(body)
                .then()
                .statusCode(400)
                .contentType("application/problem+json")
                .body("code", equalTo("INVALID_REQUEST"));
    }

    @Test
    void aRepeatedRequestMakesOneProject() {
        String key = UUID.randomUUID().toString();
        String body = "{\"name\": \"once\", \"task\": \"CLASSIFICATION\"}";
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            ids.add(given().header("Idempotency-Key", key)
                    .contentType(ContentType.JSON)
                    .body(body)
                    .post("/api/v1/projects")
                    .then()
                    .statusCode(201)
                    .extract()
                    .path("id"));
        }
        assertEquals(ids.getFirst(), ids.getLast());
    }

    @Test
    void projectsAreListedByNameInPages() {
        create("{\"name\": \"a-list-1\", \"task\": \"CLASSIFICATION\"}").then().statusCode(201);
        create("{\"name\": \"a-list-2\", \"task\": \"CLASSIFICATION\"}").then().statusCode(201);
        Response first = given().get("/api/v1/projects?limit=1");
        assertEquals(List.of("a-list-1"), first.path("items.name"));
        assertTrue(first.header("Link").contains("rel=\"next\""), first.header("Link"));
        given().get("/api/v1/projects?limit=1&cursor=" + first.path("nextCursor"))
                .then()
                .body("items[0].name", equalTo("a-list-2"));
    }

    @Test
    void whatIsNotThereIsNotFound() {
        for (String path :
                new String[] {"", "/images", "/images/00", "/images/00/content", "/versions", "/versions/1"}) {
            given().get("/api/v1/projects/unknown" + path)
                    .then()
                    .statusCode(404)
                    .body("code", equalTo("PROJECT_NOT_FOUND"));
        }
    }

    @Test
    void theServiceDescribesItself() {
        given().header("Accept", "application/json")
                .get("/openapi")
                .then()
                .statusCode(200)
                .body(
                        "info.title",
                        containsString("dataset-service"),
                        "paths",
                        hasKey("/api/v1/projects/{project}/imports"));
        given().get("/openapi-ui/").then().statusCode(200).body(containsString("'/openapi'"));
        given().get("/q/health/ready").then().statusCode(200).body("status", equalTo("UP"));
    }

    @Test
    void renamedProjectIsFoundByBothNamesAndKeepsItsFormerOne() {
        String path = anomalyProject();
        String name = path.substring(path.lastIndexOf('/') + 1);
        String id = given().get(path).path("id");

        rename(path, name + "-b").then().statusCode(200).body("name", equalTo(name + "-b"), "id", equalTo(id));

        given().get(path).then().statusCode(200).body("name", equalTo(name + "-b"));
        given().get(path + "-b").then().statusCode(200).body("id", equalTo(id));
        create("{\"name\": \"%s\", \"task\": \"CLASSIFICATION\"}".formatted(name))
                .then()
                .statusCode(409)
                .body("code", equalTo("PROJECT_EXISTS"));
        assertEquals(409, rename(anomalyProject(), name).statusCode());
        ProjectChanged event = change(id, 1);
        assertEquals(name + "-b", event.getName());
        assertEquals(List.of(name), event.getFormerNamesList());

        rename(path, name).then().statusCode(200).body("name", equalTo(name));
        assertEquals(List.of(name + "-b"), change(id, 2).getFormerNamesList());
    }

    @Test
    void refusesANameThatIsNone() {
        String path = anomalyProject();
        rename(path, "No Name").then().statusCode(400).body("code", equalTo("INVALID_REQUEST"));
        given().get(path).then().statusCode(200);
    }

    /** Otherwise, a request that names the other project by its id could reach this one. */
    @Test
    void refusesANameThatIsTheIdOfAnotherProject() {
        String id = given().get(anomalyProject()).path("id");
        String path = anomalyProject();
        rename(path, id).then().statusCode(400).body("code", equalTo("INVALID_REQUEST"));
        create("{\"name\": \"%s\", \"task\": \"CLASSIFICATION\"}".formatted(id))
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"));
        given().get(path).then().statusCode(200);
    }

    @Test
    void deletedProjectIsGoneWithItsImagesVersionsAndObjects() {
        String path = anomalyProject();
        String name = path.substring(path.lastIndexOf('/') + 1);
        String id = given().get(path).path("id");
        for (int i = 0; i < 6; i++) {
            upload(path, Drawn.png(), "label=normal").then().statusCode(201);
        }
        freeze(path).then().statusCode(201);
        assertFalse(store.list(bucket, "projects/" + id + "/").isEmpty());

        given().delete(path).then().statusCode(400).body("detail", containsString(name));
        given().delete(path + "?confirm=other").then().statusCode(400);
        given().delete(path + "?confirm=" + name).then().statusCode(204);

        given().get(path).then().statusCode(404).body("code", equalTo("PROJECT_NOT_FOUND"));
        assertTrue(change(id, 1).getDeleted());
        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> assertEquals(List.of(), store.list(bucket, "projects/" + id + "/")));
        create("{\"name\": \"%s\", \"task\": \"CLASSIFICATION\"}".formatted(name))
                .then()
                .statusCode(201);
    }

    private static Response rename(String path, String name) {
        return patch(path, "{\"name\": \"%s\"}".formatted(name));
    }

    private static Response patch(String path, String body) {
        return given().contentType(ContentType.JSON).body(body).patch(path);
    }

    @Test
    void archivedProjectTakesNeitherImagesNorVersionsUntilItIsActiveAgain() {
        String path = classificationProject();
        String name = path.substring(path.lastIndexOf('/') + 1);
        String id = given().get(path).path("id");
        byte[] image = Drawn.png();
        upload(path, image, "label=cat").then().statusCode(201);

        patch(path, "{\"archived\": true}").then().statusCode(200).body("archivedAt", notNullValue());

        for (Response refused : List.of(
                upload(path, Drawn.png(), ""),
                given().multiPart("file", "1.png", Drawn.png()).post(path + "/images"),
                startImport(path, new Zip().images("cat", 1).bytes(), ""),
                freeze(path))) {
            refused.then().statusCode(409).body("code", equalTo("PROJECT_ARCHIVED"));
        }
        given().get(path + "/images").then().statusCode(200).body("total", equalTo(1));
        ProjectChanged event = change(id, 1);
        assertTrue(event.getArchived());
        assertEquals(name, event.getName());
        given().get("/api/v1/projects?limit=1000&archived=true").then().body("items.name", hasItem(name));
        given().get("/api/v1/projects?limit=1000&archived=false").then().body("items.name", not(hasItem(name)));
        rename(path, name + "-old").then().statusCode(200);
        assertTrue(change(id, 2).getArchived(), "each event has the whole state");

        patch(path, "{\"archived\": false}").then().statusCode(200).body("archivedAt", nullValue());
        assertFalse(change(id, 3).getArchived());
        patch(path, "{\"archived\": false}").then().statusCode(200);
        upload(path, Drawn.png(), "").then().statusCode(201);
    }

    @Test
    void projectHasATitleForPeople() {
        String path = classificationProject();
        patch(path, "{\"displayName\": \"Steel strip, line 2\"}")
                .then()
                .statusCode(200)
                .body("displayName", equalTo("Steel strip, line 2"));
        patch(path, "{\"displayName\": \"\"}").then().body("displayName", nullValue());
        patch(path, "{\"displayName\": \"\", \"itemKind\": \"strip\"}").then().statusCode(200);
        patch(path, "{\"itemKind\": \"strip\"}").then().statusCode(200); // changes nothing
        String none = "{\"displayName\":null,\"itemKind\":null}";
        String named = "{\"displayName\":\"Steel strip, line 2\",\"itemKind\":null}";
        assertEquals(
                List.of(none + named, named + none, none + "{\"displayName\":null,\"itemKind\":\"strip\"}"),
                jdbi.withHandle(handle -> handle.createQuery("""
                                select before || after from audit
                                where action = 'project.change' and subject = :name order by id""")
                        .bind("name", path.substring(path.lastIndexOf('/') + 1))
                        .mapTo(String.class)
                        .list()));
        patch(path, "{\"displayName\": \"%s\"}".formatted("x".repeat(101)))
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"));
    }

    @Test
    void listShowsWhatEachProjectHasAndThePreviewWhatADeletionTakesAlong() {
        String path = anomalyProject();
        String name = path.substring(path.lastIndexOf('/') + 1);
        for (int i = 0; i < 6; i++) {
            upload(path, Drawn.png(), "label=normal").then().statusCode(201);
        }
        freeze(path).then().statusCode(201);
        upload(path, Drawn.png(), "label=abnormal").then().statusCode(201);
        byte[] newest = Drawn.png();
        upload(path, newest, "").then().statusCode(201);

        String card = "items.find { it.name == '" + name + "' }";
        given().get("/api/v1/projects?limit=1000")
                .then()
                .body(
                        card + ".images", equalTo(8),
                        card + ".unlabelled", equalTo(1),
                        card + ".labels.normal", equalTo(6),
                        card + ".labels.abnormal", equalTo(1),
                        card + ".newestImage", equalTo(Sha256.of(newest)),
                        card + ".lastVersion.number", equalTo(1),
                        card + ".lastVersion.images", equalTo(6));

        given().delete(path + "/images/" + Sha256.of(newest)).then().statusCode(204);
        given().get(path + "/deletion-preview")
                .then()
                .statusCode(200)
                .body(
                        "images", equalTo(7),
                        "labelled", equalTo(7),
                        "deletedImages", equalTo(1),
                        "datasetVersions", equalTo(1),
                        "unfinishedImports", equalTo(0),
                        "imageBytes", greaterThan(0));
        given().get("/api/v1/projects/unknown/deletion-preview").then().statusCode(404);
    }

    @Test
    void eachOperationHasAnIdOfItsOwn() {
        Map<String, Map<String, Map<String, ?>>> paths =
                given().header("Accept", "application/json").get("/openapi").path("paths");
        List<Object> ids = paths.values().stream()
                .flatMap(operations -> operations.values().stream())
                .<Object>map(operation -> operation.get("operationId"))
                .toList();
        assertFalse(ids.contains(null), ids.toString());
        assertEquals(ids.size(), ids.stream().distinct().count(), ids.toString());
    }

    /** What was announced of the project with this revision. */
    private ProjectChanged change(String id, long revision) {
        return changes(TopicReader.read(brokers, "loupe.datasets", all -> changes(all)
                        .anyMatch(change -> change.getProjectId().equals(id) && change.getRevision() == revision)))
                .filter(change -> change.getProjectId().equals(id) && change.getRevision() == revision)
                .findFirst()
                .orElseThrow();
    }

    private static Stream<ProjectChanged> changes(List<ConsumerRecord<String, byte[]>> records) {
        return records.stream()
                .filter(record -> TopicReader.type(record).equals("dev.loupe.project-changed.v1"))
                .map(record -> {
                    try {
                        return ProjectChanged.parseFrom(record.value());
                    } catch (InvalidProtocolBufferException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }
}
