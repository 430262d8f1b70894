package dev.loupe.inference;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.rpc.ErrorInfo;
import dev.loupe.events.v1.ApiTokenChanged;
import dev.loupe.events.v1.ModelPackageProduced;
import dev.loupe.events.v1.ObjectRef;
import dev.loupe.events.v1.ProjectChanged;
import dev.loupe.events.v1.ProjectMembersChanged;
import dev.loupe.events.v1.RequestLimitChanged;
import dev.loupe.events.v1.Task;
import dev.loupe.events.v1.TenantLimitChanged;
import dev.loupe.inference.v1.InferenceServiceGrpc;
import dev.loupe.inference.v1.InferenceServiceGrpc.InferenceServiceBlockingStub;
import dev.loupe.model.ModelPackage;
import dev.loupe.oip.v2.GRPCInferenceServiceGrpc;
import dev.loupe.oip.v2.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import dev.loupe.oip.v2.InferTensorContents;
import dev.loupe.oip.v2.ModelInferRequest;
import dev.loupe.oip.v2.ModelInferRequest.InferInputTensor;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.testing.DevstackTestResource;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** What the world outside does: it trains, sends events, promotes and asks. */
@ApplicationScoped
public class TestClient {
    public static final Duration PATIENCE = Duration.ofMinutes(2);

    private final ObjectStore store;
    private final ManagedChannel channel;
    private final KafkaProducer<String, byte[]> producer;
    private final String bucket;
    private final int port;

    /** A project, and what its runs say of themselves. */
    public record Project(UUID id, String name, Task task) {
        public static Project of(Task task) {
            UUID id = UUID.randomUUID();
            return new Project(id, "p-" + id, task);
        }
    }

    TestClient(
            ObjectStore store,
            @ConfigProperty(name = "quarkus.grpc.server.test-port") int port,
            @ConfigProperty(name = "kafka.bootstrap.servers") String brokers,
            @ConfigProperty(name = "loupe.storage.bucket") String bucket) {
        this.store = store;
        this.bucket = bucket;
        this.port = port;
        this.channel = anotherChannel();
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", brokers), new StringSerializer(), new ByteArraySerializer());
    }

    @PreDestroy
    void close() {
        channel.shutdownNow();
        producer.close(Duration.ofSeconds(1));
    }

    public GRPCInferenceServiceBlockingStub open() {
        return GRPCInferenceServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    public InferenceServiceBlockingStub typed() {
        return InferenceServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    /** A connection of its own, which the caller closes. */
    public ManagedChannel anotherChannel() {
        return NettyChannelBuilder.forAddress("localhost", port)
                .usePlaintext()
                .maxInboundMessageSize(64 << 20)
                .build();
    }

    public ManagedChannel channel() {
        return channel;
    }

    /** Uploads a package as the trainer does; the event that tells of it is not sent yet. */
    public ModelPackageProduced upload(Project project, Path folder, double metric, String testDigest) {
        String run = UUID.randomUUID().toString();
        String prefix = "runs/" + run + "/package/";
        try (Stream<Path> files = Files.walk(folder)) {
            files.filter(Files::isRegularFile)
                    .forEach(file -> store.put(
                            new ObjectLocation(bucket, prefix + folder.relativize(file)),
                            file,
                            "application/octet-stream"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ModelPackageProduced.newBuilder()
                .setRunId(run)
                .setProjectId(project.id().toString())
                .setProjectName(project.name())
                .setTask(project.task())
                .setManifest(ObjectRef.newBuilder()
                        .setBucket(bucket)
                        .setKey(prefix + ModelPackage.MANIFEST)
                        .setSha256(ModelPackage.describe(folder.resolve(ModelPackage.MANIFEST))
                                .sha256()))
                .setDatasetVersionId("d")
                .setDatasetVersionNumber(1)
                .setTestDigest(testDigest)
                .putMetrics(project.task() == Task.CLASSIFICATION ? "accuracy" : "auroc", metric)
                .setRecipe("transfer")
                .setBackbone("scattering")
                .build();
    }

    /** Overwrites one file of an uploaded package. */
    public void spoil(ModelPackageProduced event, String path, byte[] content) {
        String key = event.getManifest().getKey().replace(ModelPackage.MANIFEST, path);
        store.put(new ObjectLocation(bucket, key), content, "application/octet-stream");
    }

    public void send(ModelPackageProduced event) {
        send(UUID.randomUUID().toString(), "dev.loupe.model-package-produced.v1", event.toByteArray());
    }

    public void send(String id, String type, byte[] data) {
        send(id, type, data, "");
    }

    public void send(String id, String type, byte[] data, String traceparent) {
        send("loupe.training", id, type, data, traceparent);
    }

    /** Sends a change of a project as dataset-service does. */
    public void send(ProjectChanged event) {
        send("loupe.datasets", UUID.randomUUID().toString(), "dev.loupe.project-changed.v1", event.toByteArray(), "");
    }

    /** Sends a change of an API token as dataset-service does. */
    public void send(ApiTokenChanged event) {
        send("loupe.datasets", UUID.randomUUID().toString(), "dev.loupe.api-token-changed.v1", event.toByteArray(), "");
    }

    /** Sends a change of a limit of requests as dataset-service does. */
    public void send(RequestLimitChanged event) {
        send(
                "loupe.datasets",
                UUID.randomUUID().toString(),
                "dev.loupe.request-limit-changed.v1",
                event.toByteArray(),
                "");
    }

    /** Sends a change of a limit of a tenant as dataset-service does. */
    public void send(TenantLimitChanged event) {
        send(
                "loupe.datasets",
                UUID.randomUUID().toString(),
                "dev.loupe.tenant-limit-changed.v1",
                event.toByteArray(),
                "");
    }

    /** Sends a change of the members of a project as dataset-service does. */
    public void send(ProjectMembersChanged event) {
        send(
                "loupe.datasets",
                UUID.randomUUID().toString(),
                "dev.loupe.project-members-changed.v1",
                event.toByteArray(),
                "");
    }

    private void send(String topic, String id, String type, byte[] data, String traceparent) {
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(DevstackTestResource.topic(topic), "any", data);
        Map.of("ce_specversion", "1.0", "ce_id", id, "ce_source", "/test", "ce_type", type, "traceparent", traceparent)
                .forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        producer.send(record);
        producer.flush();
    }

    /** Uploads, tells, and waits until the version is in this state. */
    public ModelPackageProduced publish(Project project, int version, String state, Path folder, double metric) {
        ModelPackageProduced event = upload(project, folder, metric, "test");
        send(event);
        awaitState(project, version, state);
        return event;
    }

    public void awaitState(Project project, int version, String state) {
        await().atMost(PATIENCE).until(() -> version(project, version).path("state"), actual -> state.equals(actual));
    }

    public Response version(Project project, int version) {
        return given().get("/api/v1/models/{p}/versions/{n}", project.name(), version);
    }

    public Response promote(Project project, String alias, Map<String, ?> body) {
        return given().contentType(ContentType.JSON)
                .header("X-Loupe-Actor", "anna")
                .body(body)
                .put("/api/v1/models/{p}/aliases/{a}", project.name(), alias);
    }

    public Response rollback(Project project, String alias, Map<String, ?> body) {
        return given().contentType(ContentType.JSON)
                .header("X-Loupe-Actor", "bert")
                .body(body)
                .post("/api/v1/models/{p}/aliases/{a}/rollback", project.name(), alias);
    }

    /** A request with one image. */
    public static ModelInferRequest.Builder image(Project project, String version, byte[] image) {
        return ModelInferRequest.newBuilder()
                .setModelName(project.name())
                .setModelVersion(version)
                .setId("id-1")
                .addInputs(InferInputTensor.newBuilder()
                        .setName("image")
                        .setDatatype("BYTES")
                        .addShape(1)
                        .setContents(InferTensorContents.newBuilder().addBytesContents(ByteString.copyFrom(image))));
    }

    /** The code that stands in the details of an error. */
    public static String reason(StatusRuntimeException e) {
        return details(e).stream()
                .filter(detail -> detail.is(ErrorInfo.class))
                .map(detail -> {
                    try {
                        return detail.unpack(ErrorInfo.class).getReason();
                    } catch (IOException impossible) {
                        throw new UncheckedIOException(impossible);
                    }
                })
                .findFirst()
                .orElse("none");
    }

    public static List<com.google.protobuf.Any> details(StatusRuntimeException e) {
        return StatusProto.fromThrowable(e).getDetailsList();
    }
}
