package dev.loupe.dataset.version;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.dataset.DatasetServiceIT;
import dev.loupe.dataset.Drawn;
import dev.loupe.dataset.Zip;
import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.project.Projects;
import dev.loupe.events.v1.DatasetVersionFrozen;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.Sha256;
import dev.loupe.testing.TopicReader;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

@QuarkusTest
class FreezeIT extends DatasetServiceIT {
    @Inject
    ObjectStore store;

    @Inject
    StorageConfig storage;

    @Inject
    Jdbi jdbi;

    @Inject
    Projects projects;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String brokers;

    @Test
    void aFrozenVersionIsAManifestInStorageAndAnEventThatNamesIt() throws Exception {
        String project = anomalyProject();
        importZip(
                        project,
                        new Zip()
                                .images("train/good", 20)
                                .images("test/good", 4)
                                .images("test/scratch", 5)
                                .bytes())
                .then()
                .statusCode(200)
                .body("report.added", equalTo(29), "report.format", equalTo("MVTEC"));

        Response frozen = freeze(project);
        frozen.then()
                .statusCode(201)
                .body(
                        "number", equalTo(1),
                        "counts.TRAIN", equalTo(Map.of("normal", 18)),
                        "counts.DEV", equalTo(Map.of("normal", 2)),
                        "counts.TEST", equalTo(Map.of("normal", 4, "abnormal", 5)),
                        "classes", equalTo(List.of("normal", "abnormal")),
                        "warnings.code", hasItem("TOO_FEW_IMAGES"));

        String projectId = given().get(project).path("id");
        byte[] bytes =
                store.read(new ObjectLocation(storage.bucket(), "projects/" + projectId + "/versions/1/manifest.json"));
        assertEquals(frozen.path("digest"), Sha256.of(bytes));
        DatasetManifest manifest = new ObjectMapper().readValue(bytes, DatasetManifest.class);
        assertEquals(29, manifest.images().size());
        for (DatasetManifest.Entry image : manifest.images()) {
            byte[] content = store.read(new ObjectLocation(manifest.bucket(), image.key()), image.sha256());
            assertEquals(image.size(), content.length);
        }

        ConsumerRecord<String, byte[]> event = event(projectId);
        assertEquals("dev.loupe.dataset-version-frozen.v1", TopicReader.type(event));
        DatasetVersionFrozen said = DatasetVersionFrozen.parseFrom(event.value());
        assertEquals(Sha256.of(bytes), said.getManifest().getSha256());
        assertEquals(bytes.length, said.getManifest().getSize());
        assertEquals(List.of(18, 2, 9), List.of(said.getTrainImages(), said.getDevImages(), said.getTestImages()));
        assertEquals(frozen.path("testDigest"), said.getTestDigest());
        assertEquals(frozen.path("id"), said.getDatasetVersionId());
    }

    @Test
    void manifestHasTheProductsAndEachProductIsInEachSplit() throws Exception {
        String project = anomalyProject();
        importZip(
                        project,
                        new Zip()
                                .images("good/cup", 20)
                                .images("good/plate", 20)
                                .images("scratch/cup", 4)
                                .images("scratch/plate", 4)
                                .bytes(),
                        "products=true")
                .then()
                .statusCode(200)
                .body("report.added", equalTo(48));
        freeze(project).then().statusCode(201);
        String projectId = given().get(project).path("id");
        DatasetManifest manifest = new ObjectMapper()
                .readValue(
                        store.read(new ObjectLocation(
                                storage.bucket(), "projects/" + projectId + "/versions/1/manifest.json")),
                        DatasetManifest.class);
        for (String product : List.of("cup", "plate")) {
            Map<String, Long> counts = manifest.images().stream()
                    .filter(image -> product.equals(image.product()))
                    .collect(
                            Collectors.groupingBy(image -> image.split() + " " + image.label(), Collectors.counting()));
            assertEquals(
                    Map.of(
                            "TRAIN normal", 14L,
                            "DEV normal", 3L,
                            "TEST normal", 3L,
                            "DEV abnormal", 2L,
                            "TEST abnormal", 2L),
                    counts);
        }
    }

    @Test
    void aVersionNeverChangesAndTheNextOneHasTheNextNumber() {
        String project = classificationProject();
        importZip(project, new Zip().images("cat", 10).images("dog", 10).bytes());
        Response first = freeze(project);
        first.then().statusCode(201).body("counts.TRAIN", equalTo(Map.of("cat", 6, "dog", 6)), "seed", equalTo(0));
        importZip(project, new Zip().images("cow", 10).bytes());
        Response second = given().contentType(ContentType.JSON)
                .body("{\"seed\": 7, \"note\": \"with cows\"}")
                .post(project + "/versions");
        second.then()
                .statusCode(201)
                .body(
                        "number", equalTo(2),
                        "seed", equalTo(7),
                        "note", equalTo("with cows"),
                        "classes", equalTo(List.of("cat", "cow", "dog")),
                        "testDigest", not(equalTo(first.path("testDigest"))));

        assertEquals(first.as(Map.class), given().get(project + "/versions/1").as(Map.class));
        byte[] manifest = given().get(project + "/versions/1/manifest").asByteArray();
        assertEquals(first.path("digest"), Sha256.of(manifest));
        given().get(project + "/versions?limit=1").then().body("items.number", equalTo(List.of(1)));
        given().get(project + "/versions/3").then().statusCode(404).body("code", equalTo("DATASET_VERSION_NOT_FOUND"));
        assertThrows(
                Exception.class, () -> jdbi.useHandle(handle -> handle.execute("update dataset_version set seed = 1")));
    }

    @Test
    void theSameImagesAndSeedGiveTheSameSplits() {
        byte[] zip = new Zip().images("cat", 12).images("dog", 12).bytes();
        List<String> digests = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            String project = classificationProject();
            importZip(project, zip);
            digests.add(freeze(project).path("testDigest"));
        }
        assertEquals(digests.getFirst(), digests.getLast());
    }

    @Test
    void nothingToLearnFromIsNoVersion() {
        String empty = classificationProject();
        freeze(empty).then().statusCode(409).body("code", equalTo("DATASET_EMPTY"));
        upload(empty, Drawn.png(), "");
        freeze(empty).then().statusCode(409);
        given().contentType(ContentType.JSON)
                .body("{\"sead\": 1}")
                .post(empty + "/versions")
                .then()
                .statusCode(400)
                .body("detail", containsString("sead"));
    }

    @Test
    void whatNoRunCanLearnFromIsRefusedWithWhatIsMissing() {
        String oneClass = classificationProject();
        upload(oneClass, Drawn.png(), "label=cat");
        untrainable(oneClass, "two classes or more, got [cat]");
        String abnormal = anomalyProject();
        upload(abnormal, Drawn.png(), "label=abnormal");
        untrainable(abnormal, "normal images in TRAIN");
        String twoNormal = anomalyProject();
        upload(twoNormal, Drawn.png(), "label=normal");
        untrainable(twoNormal, "normal images in DEV");
        upload(twoNormal, Drawn.png(), "label=normal");
        untrainable(twoNormal, "normal images in DEV");
        upload(twoNormal, Drawn.png(), "label=normal");
        freeze(twoNormal).then().statusCode(201);
        String testOnly = classificationProject();
        upload(testOnly, Drawn.png(), "label=cat&split=TRAIN");
        upload(testOnly, Drawn.png(), "label=dog&split=TRAIN");
        upload(testOnly, Drawn.png(), "label=cow&split=TEST");
        untrainable(testOnly, "every class in TRAIN, got none of cow");
        given().get(testOnly + "/versions").then().body("items", empty());
    }

    private static void untrainable(String project, String missing) {
        freeze(project)
                .then()
                .statusCode(409)
                .body("code", equalTo("DATASET_UNTRAINABLE"), "detail", containsString(missing));
    }

    @Test
    void anEventIsSmallHoweverManyClassesThereAre() throws Exception {
        String project = classificationProject();
        Project row = projects.require(project.substring(project.lastIndexOf('/') + 1));
        addClasses(row, 1000);
        freeze(project).then().statusCode(201).body("classes.size()", equalTo(1000));
        DatasetVersionFrozen said =
                DatasetVersionFrozen.parseFrom(event(row.id().toString()).value());
        assertEquals(1000, said.getClassCount());
        assertTrue(said.getSerializedSize() < 2_000, said.getSerializedSize() + " bytes");

        addClasses(row, 1001);
        freeze(project)
                .then()
                .statusCode(409)
                .body(
                        "code",
                        equalTo("DATASET_UNTRAINABLE"),
                        "detail",
                        containsString("1001 classes, expected at most 1000"));
    }

    /** As uploads would, without so many images in object storage: names of 100 characters of four bytes each. */
    private void addClasses(Project project, int count) {
        QuarkusTransaction.requiringNew()
                .run(() -> jdbi.useHandle(handle -> {
                    handle.createUpdate("""
                            insert into stored_object (sha256, size)
                            select encode(sha256((:project || n)::bytea), 'hex'), 1 from generate_series(1, :count) n
                            on conflict do nothing""")
                            .bind("project", project.name() + " ")
                            .bind("count", count)
                            .execute();
                    handle.createUpdate("""
                            insert into image (project_id, sha256, name, size, format, width, height, label)
                            select :id, encode(sha256((:project || n)::bytea), 'hex'), n::text, 1, 'PNG', 1, 1,
                                   repeat(chr(131072), 96) || lpad(n::text, 4, '0') from generate_series(1, :count) n
                            on conflict do nothing""")
                            .bind("id", project.id())
                            .bind("project", project.name() + " ")
                            .bind("count", count)
                            .execute();
                }));
    }

    @Test
    void aRepeatedFreezeIsOneVersion() {
        String project = classificationProject();
        importZip(project, new Zip().images("cat", 5).images("dog", 5).bytes());
        String key = UUID.randomUUID().toString();
        for (int i = 0; i < 2; i++) {
            given().header("Idempotency-Key", key)
                    .contentType(ContentType.JSON)
                    .post(project + "/versions")
                    .then()
                    .statusCode(201)
                    .body("number", equalTo(1));
        }
    }

    @Test
    void imagesThatContradictThemselvesAreWarnedOfUntilSomebodySettlesIt() {
        String project = classificationProject();
        byte[] twice = Drawn.png();
        byte[] zip = new Zip()
                .images("train/cat", 5)
                .images("train/dog", 5)
                .file("train/cat/x.png", twice)
                .file("test/dog/x.png", twice)
                .images("test/cat", 2)
                .bytes();
        importZip(project, zip).then().body("report.added", equalTo(13), "report.existing", equalTo(1));
        freeze(project)
                .then()
                .body(
                        "warnings.code",
                        hasItems("DUPLICATES_ACROSS_SPLITS", "DUPLICATES_ACROSS_LABELS", "CLASS_MISSING_FROM_TEST"));
        given().contentType(ContentType.JSON)
                .body("{\"label\": \"cat\"}")
                .patch(project + "/images/" + Sha256.of(twice))
                .then()
                .statusCode(200);
        freeze(project)
                .then()
                .body("warnings.code", not(hasItem("DUPLICATES_ACROSS_SPLITS")))
                .body("warnings.code", not(hasItem("DUPLICATES_ACROSS_LABELS")));
    }

    private ConsumerRecord<String, byte[]> event(String key) {
        return TopicReader.read(brokers, "loupe.datasets", all -> all.stream()
                        .anyMatch(record -> record.key().equals(key)))
                .stream()
                .filter(record -> record.key().equals(key))
                .findFirst()
                .orElseThrow();
    }
}
