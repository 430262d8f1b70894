package dev.loupe.tests.path;

import static org.awaitility.Awaitility.await;

import dev.loupe.oip.v2.GRPCInferenceServiceGrpc;
import dev.loupe.oip.v2.ModelReadyRequest;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;

/** A peer that serves the network, as a process in Python. */
final class PeerServer implements AutoCloseable {
    private static final String MODEL = "network";
    private static final Duration START = Duration.ofSeconds(90);
    private static final int STOP_SECONDS = 10;

    private final Process process;
    private final NetworkServer server;

    /**
     * Which peer.
     *
     * @param name for people
     * @param environment the virtual environment that {@code peers.sh} installs
     * @param program in {@code tests/bench}; its arguments are network, output, threads, port of gRPC, port of HTTP, folder
     */
    record Kind(String name, String environment, String program) {}

    private PeerServer(Process process, NetworkServer server) {
        this.process = process;
        this.server = server;
    }

    /**
     * Starts a peer, and returns when it is ready.
     *
     * @param threads predictions that it computes at the same time
     * @param folder for its files
     * @return empty if it can't be run; the reason is printed
     */
    static Optional<PeerServer> start(Kind kind, Path model, String output, int threads, Path folder)
            throws IOException {
        Optional<String> missing = PythonPeers.missing(kind.environment);
        if (missing.isPresent()) {
            System.out.println("BENCH " + kind.name + " is skipped: " + missing.get());
            return Optional.empty();
        }
        Files.createDirectories(folder);
        Path log = folder.resolve("server.log");
        int port = LoginBrowserIT.freePort();
        List<String> arguments = new ArrayList<>(List.of(
                model.toString(),
                output,
                String.valueOf(threads),
                String.valueOf(port),
                String.valueOf(LoginBrowserIT.freePort()),
                folder.toString()));
        Process process = PythonPeers.program(kind.environment, kind.program, arguments)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        NetworkServer server = new NetworkServer(kind.name, "127.0.0.1:" + port, MODEL, process.toHandle());
        PeerServer peer = new PeerServer(process, server);
        if (peer.isReady()) {
            return Optional.of(peer);
        }
        peer.close();
        System.out.println("BENCH " + kind.name + " is skipped: it does not start: " + PythonPeers.lastLine(log));
        return Optional.empty();
    }

    private boolean isReady() {
        ManagedChannel channel =
                ManagedChannelBuilder.forTarget(server.target()).usePlaintext().build();
        try {
            await().atMost(START)
                    .pollInterval(Duration.ofMillis(200))
                    .ignoreExceptions()
                    .until(() -> !process.isAlive() || answersReady(channel));
            return process.isAlive();
        } catch (ConditionTimeoutException late) {
            return false;
        } finally {
            channel.shutdownNow();
        }
    }

    private static boolean answersReady(ManagedChannel channel) {
        return GRPCInferenceServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(Duration.ofSeconds(5))
                .modelReady(ModelReadyRequest.newBuilder().setName(MODEL).build())
                .getReady();
    }

    NetworkServer server() {
        return server;
    }

    @Override
    public void close() {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        children.forEach(ProcessHandle::destroyForcibly);
    }
}
