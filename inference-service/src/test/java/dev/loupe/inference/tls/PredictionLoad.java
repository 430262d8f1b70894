package dev.loupe.inference.tls;

import static org.awaitility.Awaitility.await;

import dev.loupe.inference.SmallModels;
import dev.loupe.inference.TestClient;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.oip.v2.GRPCInferenceServiceGrpc;
import dev.loupe.oip.v2.ModelInferRequest;
import io.grpc.ManagedChannel;
import java.awt.Color;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Predictions over gRPC and HTTP without a pause: each on a new connection, or on one connection that stays. */
final class PredictionLoad implements AutoCloseable {
    private final TlsClient client;
    private final String path;
    private final ModelInferRequest request;
    private final byte[] image = SmallModels.png(Color.RED);
    private final List<String> failures = new CopyOnWriteArrayList<>();
    private final List<AtomicInteger> counts = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger connections = new AtomicInteger();
    private volatile boolean stopped;

    private interface Prediction {
        void make() throws Exception;
    }

    PredictionLoad(TlsClient client, Project project) {
        this.client = client;
        this.path = "/api/v1/models/" + project.name() + "/predict?version=1";
        this.request = TestClient.image(project, "1", image).build();
        start(() -> {
            ManagedChannel channel = client.channel();
            try {
                infer(channel);
            } finally {
                channel.shutdownNow();
            }
        });
        start(() -> {
            try (HttpClient http = client.httpClient()) {
                post(http);
            }
        });
        threads.execute(this::onOneConnection);
    }

    private void start(Prediction prediction) {
        AtomicInteger count = new AtomicInteger();
        counts.add(count);
        threads.execute(() -> {
            while (!stopped) {
                attempt(prediction, count);
            }
        });
    }

    private void attempt(Prediction prediction, AtomicInteger count) {
        try {
            prediction.make();
            count.incrementAndGet();
        } catch (Exception failed) {
            failures.add(failed.toString());
        }
    }

    private void onOneConnection() {
        AtomicInteger count = new AtomicInteger();
        counts.add(count);
        while (!stopped) {
            int number = connections.get();
            ManagedChannel channel = client.channel();
            try (HttpClient http = client.httpClient()) {
                while (!stopped && number == connections.get()) {
                    attempt(() -> infer(channel), count);
                    attempt(() -> post(http), count);
                }
            } finally {
                channel.shutdownNow();
            }
        }
    }

    private void infer(ManagedChannel channel) {
        String version = GRPCInferenceServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(30, TimeUnit.SECONDS)
                .modelInfer(request)
                .getModelVersion();
        if (!version.equals("1")) {
            throw new IllegalStateException("version " + version);
        }
    }

    private void post(HttpClient http) throws Exception {
        HttpResponse<String> answer = client.post(http, path, image);
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(answer.statusCode() + " " + answer.body());
        }
    }

    /** Waits until each kind of connection has had so many more predictions. */
    void awaitMore(int predictions) {
        List<Integer> before = counts.stream().map(AtomicInteger::get).toList();
        await().atMost(TestClient.PATIENCE).until(() -> {
            for (int i = 0; i < before.size(); i++) {
                if (counts.get(i).get() < before.get(i) + predictions) {
                    return false;
                }
            }
            return true;
        });
    }

    /** Replaces the connection that stays, as a restart of its client or the maximum age of connections does. */
    void closeOldConnections() {
        int number = connections.incrementAndGet();
        awaitMore(2);
        if (number != connections.get()) {
            throw new IllegalStateException("closed twice");
        }
    }

    List<String> failures() {
        return failures;
    }

    @Override
    public void close() throws InterruptedException {
        stopped = true;
        threads.shutdown();
        threads.awaitTermination(1, TimeUnit.MINUTES);
    }
}
