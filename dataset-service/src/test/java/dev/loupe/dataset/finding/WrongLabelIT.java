package dev.loupe.dataset.finding;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.contracts.training.LabelIssues;
import dev.loupe.contracts.training.LabelIssues.Issue;
import dev.loupe.dataset.DatasetServiceIT;
import dev.loupe.dataset.Drawn;
import dev.loupe.dataset.Zip;
import dev.loupe.events.v1.LabelsChecked;
import dev.loupe.events.v1.ObjectRef;
import dev.loupe.service.outbox.Outbox;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.Sha256;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Labels that training runs found to be probably wrong. */
@QuarkusTest
class WrongLabelIT extends DatasetServiceIT {
    private static final String TYPE = "dev.loupe.labels-checked.v1";

    @Inject
    Outbox outbox;

    @Inject
    ObjectStore store;

    @Inject
    StorageConfig storage;

    @Inject
    WrongLabelFindings wrongLabels;

    private final ObjectMapper json = new ObjectMapper();
    private String project;
    private String first;
    private String second;

    @BeforeEach
    void addImages() {
        project = classificationProject();
        first = add("cat");
        second = add("cat");
    }

    private String add(String label) {
        byte[] image = Drawn.png();
        upload(project, image, "label=" + label).then().statusCode(201);
        return Sha256.of(image);
    }

    private static Issue issue(String sha256, double probability, String likely) {
        return new Issue(sha256, "x.png", "cat", probability, likely, 1 - probability);
    }

    /** The event of a run that found these issues. */
    private LabelsChecked checked(Issue... issues) {
        String run = UUID.randomUUID().toString();
        try {
            byte[] document = json.writeValueAsBytes(
                    new LabelIssues(null, "scattering", 20, List.of(), issues.length, List.of(issues)));
            String key = "runs/" + run + "/" + LabelIssues.key(1);
            store.put(new ObjectLocation(storage.bucket(), key), document, "application/json");
            return LabelsChecked.newBuilder()
                    .setRunId(run)
                    .setProjectId(given().get(project).path("id"))
                    .setDatasetVersionNumber(1)
                    .setIssues(ObjectRef.newBuilder()
                            .setBucket(storage.bucket())
                            .setKey(key)
                            .setSha256(Sha256.of(document))
                            .setSize(document.length))
                    .build();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Adds the findings of a run; returns its id. */
    private String find(Issue... issues) {
        LabelsChecked event = checked(issues);
        apply(event);
        return event.getRunId();
    }

    private void apply(LabelsChecked event) {
        QuarkusTransaction.requiringNew().run(() -> wrongLabels.add(event));
    }

    private Response findings() {
        return given().get(project + "/findings?kind=LIKELY_WRONG_LABEL");
    }

    private Response decide(String id, String decision) {
        return given().contentType(ContentType.JSON).body("{}").post(project + "/findings/" + id + "/" + decision);
    }

    private void label(String sha256, String label) {
        given().contentType(ContentType.JSON)
                .body(Map.of("label", label))
                .patch(project + "/images/" + sha256)
                .then()
                .statusCode(200);
    }

    @Test
    void eventOfARunBecomesFindingsTheLeastProbableLabelFirst() {
        LabelsChecked event = checked(issue(first, 0.25, "dog"), issue(second, 0.125, "bird"));
        QuarkusTransaction.requiringNew()
                .run(() -> outbox.add("loupe.training", event.getProjectId(), TYPE, event.toByteArray()));

        await().atMost(Duration.ofMinutes(2)).until(() -> findings().<Integer>path("total") == 2);
        findings()
                .then()
                .body("items.label", contains("cat", "cat"))
                .body("items.likelyLabel", contains("bird", "dog"))
                .body("items.images.sha256", contains(List.of(second), List.of(first)))
                .body("items.severity", contains("MEDIUM", "MEDIUM"))
                .body("items.state", contains("OPEN", "OPEN"))
                .body("items.run", contains(event.getRunId(), event.getRunId()))
                .body("items[0].imageCount", equalTo(1))
                .body("items[0].figures.labelProbability", equalTo(0.125f))
                .body("items[0].figures.likelyProbability", equalTo(0.875f))
                .body("items[0].message", containsString("'bird' is likelier"))
                .body("counts.find { it.kind == 'LIKELY_WRONG_LABEL' }.open", equalTo(2));
    }

    @Test
    void dismissedFindingIsNotOpenedByTheNextRun() {
        find(issue(first, 0.25, "dog"));
        String id = findings().path("items[0].id");
        decide(id, "dismiss").then().statusCode(200).body("state", equalTo("DISMISSED"));
        String next = find(issue(first, 0.125, "bird"), issue(second, 0.25, "dog"));
        findings().then().body("items.state", contains("DISMISSED", "OPEN"));
        given().get(project + "/findings/" + id)
                .then()
                .body("run", equalTo(next), "likelyLabel", equalTo("bird"), "state", equalTo("DISMISSED"));
        decide(id, "reopen").then().body("state", equalTo("OPEN"));
        decide(id, "accept").then().body("state", equalTo("ACCEPTED"));
    }

    @Test
    void findingClosesWhenItsImageGetsAnotherLabel() {
        find(issue(first, 0.25, "dog"));
        String id = findings().path("items[0].id");
        label(first, "dog");
        findings().then().body("items", hasSize(0), "total", equalTo(0));
        decide(id, "dismiss").then().statusCode(404).body("code", equalTo("FINDING_NOT_FOUND"));
        label(first, "cat");
        findings().then().body("items.id", contains(id), "items.state", contains("OPEN"));
    }

    @Test
    void findingClosesWhenItsImageIsDeleted() {
        find(issue(first, 0.25, "dog"));
        String id = findings().path("items[0].id");
        decide(id, "dismiss").then().statusCode(200);
        given().delete(project + "/images/" + first).then().statusCode(204);
        findings().then().body("items", hasSize(0));
        given().post(project + "/images/" + first + "/restore").then().statusCode(200);
        findings().then().body("items.id", contains(id), "items.state", contains("DISMISSED"));
    }

    @Test
    void anImageThatWasRelabelledOrDeletedMeanwhileHasNoFinding() {
        LabelsChecked event =
                checked(issue(first, 0.25, "dog"), issue(second, 0.25, "dog"), issue("f".repeat(64), 0.25, "dog"));
        label(first, "dog");
        given().delete(project + "/images/" + second).then().statusCode(204);
        apply(event);
        findings().then().body("items", hasSize(0));
    }

    @Test
    void aSearchKeepsTheFindingsOfRuns() {
        findings().then().body("items", hasSize(0));
        find(issue(first, 0.25, "dog"));
        add("dog");
        findings().then().body("items", hasSize(1));
    }

    @Test
    void freezeWarnsOfOpenFindings() {
        importZip(project, new Zip().images("cat", 12).images("dog", 12).bytes());
        find(issue(first, 0.25, "dog"), issue(second, 0.25, "dog"));
        freeze(project)
                .then()
                .statusCode(201)
                .body("warnings.find { it.code == 'LIKELY_WRONG_LABELS' }.findings", equalTo("LIKELY_WRONG_LABEL"))
                .body("warnings.find { it.code == 'LIKELY_WRONG_LABELS' }.message", containsString("2 images"));
        findings()
                .<List<String>>path("items.id")
                .forEach(id -> decide(id, "dismiss").then().statusCode(200));
        freeze(project).then().statusCode(201).body("warnings.code", not(hasItem("LIKELY_WRONG_LABELS")));
    }

    @Test
    void aRunThatWasDeletedOrFoundNothingAddsNone() {
        LabelsChecked deleted = checked(issue(first, 0.25, "dog"));
        store.delete(new ObjectLocation(
                deleted.getIssues().getBucket(), deleted.getIssues().getKey()));
        apply(deleted);
        find();
        findings().then().body("items", hasSize(0));
    }

    @Test
    void aDocumentThatIsNotTheAnnouncedOneIsRejected() {
        LabelsChecked event = checked(issue(first, 0.25, "dog"));
        Stream.of(
                        event.getIssues().toBuilder().setSha256("ab".repeat(32)),
                        event.getIssues().toBuilder().setSize(LabelIssues.MAX_BYTES + 1))
                .map(wrong -> event.toBuilder().setIssues(wrong).build())
                .forEach(wrong -> assertThrows(IllegalArgumentException.class, () -> apply(wrong)));
        findings().then().body("items", hasSize(0));
    }
}
