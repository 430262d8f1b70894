package dev.loupe.local;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.server.Endpoints;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Everything that Loupe needs on one machine, as child processes of this one: the development servers and the three
 * services. What they keep is in the data folder, and the next stack on that folder finds it again.
 *
 * <p>Thread-safe. {@link #close()} may be called more than once, and is called when this process is asked to end; it
 * ends exactly the processes that were started here.
 */
public final class LocalStack implements AutoCloseable {
    private static final Duration START_PATIENCE = Duration.ofSeconds(120);
    // After a build, a JVM that ends first writes down what makes its next start quicker.
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(60);
    private static final String POSTGRES = "PostgreSQL";

    private final LocalStackOptions options;
    private final StackListener listener;
    private final DataFolder folder;
    private final Ports ports;
    private final LaunchPlan plan;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private final Map<Server, Process> processes = new EnumMap<>(Server.class);
    private final ScheduledExecutorService logReader = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("log-reader").factory());
    private final Map<Server, ProblemLog> logs = new EnumMap<>(Server.class);
    private final Thread atExit = new Thread(this::close, "stack-stop");
    private volatile boolean closing;

    private LocalStack(LocalStackOptions options, StackListener listener, DataFolder folder) throws IOException {
        this.options = options;
        this.listener = listener;
        this.folder = folder;
        folder.endLeftovers(listener);
        if (options.fresh()) {
            folder.clear();
        }
        ports = options.ports().resolved();
        plan = new LaunchPlan(options, ports, Secrets.of(folder.path()));
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /**
     * Starts everything and returns when all of it answers.
     *
     * @throws CommandException when something stands in the way; nothing is left running then
     */
    public static LocalStack start(LocalStackOptions options, StackListener listener) {
        DataFolder folder = DataFolder.open(options.data());
        LocalStack stack = null;
        try {
            stack = new LocalStack(options, listener, folder);
            stack.startAll();
            return stack;
        } catch (IOException failed) {
            release(stack, folder);
            throw new CommandException("can't start: " + failed.getMessage(), failed);
        } catch (CommandException failed) {
            release(stack, folder);
            throw failed;
        }
    }

    /** Whether a stack runs on this data folder, of this process or another. */
    public static boolean isRunning(Path data) {
        return DataFolder.isLocked(data);
    }

    private static void release(LocalStack stack, DataFolder folder) {
        if (stack != null) {
            stack.close();
            return;
        }
        try {
            folder.close();
        } catch (IOException ignored) {
            // The lock goes with the process.
        }
    }

    private void startAll() throws IOException {
        startTogether(options.brokerApart() ? List.of(Server.DEVSTACK, Server.BROKER) : List.of(Server.DEVSTACK));
        startTogether(List.of(Server.DATASET, Server.TRAINING, Server.INFERENCE));
        endpoints().save(folder.path());
        logReader.scheduleWithFixedDelay(this::watchLogs, 1, 1, TimeUnit.SECONDS);
    }

    private void watchLogs() {
        List<ProblemLog> current;
        synchronized (this) {
            current = new ArrayList<>(logs.values());
        }
        current.forEach(ProblemLog::readOn);
    }

    private void startTogether(List<Server> servers) throws IOException {
        for (Server server : servers) {
            launch(server);
        }
        List<CompletableFuture<Void>> answers = servers.stream()
                .map(server -> CompletableFuture.runAsync(() -> awaitReady(server), Thread::startVirtualThread))
                .toList();
        try {
            answers.forEach(CompletableFuture::join);
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof CommandException told ? told : failed;
        }
        if (servers.contains(Server.DEVSTACK)) {
            rememberPostgres();
        }
    }

    private synchronized void launch(Server server) throws IOException {
        if (closing) {
            throw new CommandException("stopped while it started");
        }
        Path log = folder.logFile(server);
        if (Files.exists(log)) {
            Files.move(log, Path.of(log + ".1"), StandardCopyOption.REPLACE_EXISTING);
        }
        Process process = plan.process(server)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        processes.put(server, process);
        folder.record(RecordedProcess.of(server.label(), process.toHandle()));
        logs.put(server, new ProblemLog(log, line -> {
            if (!closing) {
                listener.problem(server, line);
            }
        }));
    }

    private void awaitReady(Server server) {
        long begin = System.nanoTime();
        Process process = process(server);
        RetryPolicy<Boolean> untilReady = RetryPolicy.<Boolean>builder()
                .handleResult(false)
                .abortOn(CommandException.class)
                .withDelay(Duration.ofMillis(10))
                .withMaxAttempts(-1)
                .withMaxDuration(START_PATIENCE)
                .build();
        boolean ready;
        try {
            ready = Failsafe.with(untilReady).get(() -> answers(server, process));
        } catch (FailsafeException interrupted) {
            throw new CommandException(server.label() + ": interrupted while it started", interrupted);
        }
        if (!ready) {
            throw new CommandException(server.label() + " did not get ready within " + START_PATIENCE.toSeconds()
                    + " s; its log is " + folder.logFile(server));
        }
        listener.ready(server, Duration.ofNanos(System.nanoTime() - begin));
    }

    private boolean answers(Server server, Process process) throws IOException {
        if (!process.isAlive()) {
            String words = ProblemLog.lastWords(folder.logFile(server));
            throw new CommandException(server.label() + " could not start (exit code " + process.exitValue() + "):\n"
                    + words + "\nIts log is " + folder.logFile(server));
        }
        return switch (server) {
            case DEVSTACK, BROKER ->
                Files.readString(folder.logFile(server)).lines().anyMatch(line -> line.startsWith("devstack ready"));
            case DATASET -> healthy(ports.dataset());
            case TRAINING -> healthy(ports.training());
            case INFERENCE -> healthy(ports.inference());
            case CONSOLE -> healthy(ports.console());
        };
    }

    private boolean healthy(int port) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/q/health/ready"))
                .timeout(Duration.ofSeconds(5))
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** PostgreSQL is a process of its own, and outlives a devstack that is killed. */
    private void rememberPostgres() throws IOException {
        Path pidFile = folder.path().resolve("devstack/postgres/postmaster.pid");
        long pid = Long.parseLong(Files.readAllLines(pidFile).getFirst().strip());
        ProcessHandle postgres = ProcessHandle.of(pid).orElseThrow(() -> new IOException("PostgreSQL has ended"));
        folder.record(RecordedProcess.of(POSTGRES, postgres));
    }

    /** Where the services answer. */
    public Endpoints endpoints() {
        return new Endpoints(
                URI.create("http://127.0.0.1:" + ports.dataset()),
                URI.create("http://127.0.0.1:" + ports.training()),
                URI.create("http://127.0.0.1:" + ports.inference()),
                "127.0.0.1:" + ports.grpc());
    }

    /**
     * Starts the console, and returns its address when it answers.
     *
     * @return empty where the build left the console out
     */
    public Optional<URI> startConsole() {
        if (!plan.hasConsole()) {
            return Optional.empty();
        }
        try {
            startTogether(List.of(Server.CONSOLE));
        } catch (IOException failed) {
            throw new CommandException("console: can't be started: " + failed.getMessage(), failed);
        }
        return Optional.of(URI.create("http://127.0.0.1:" + ports.console()));
    }

    /** Where the broker answers. */
    public String kafkaBootstrapServers() {
        return "127.0.0.1:" + ports.kafka();
    }

    /** The server's present process. It may be killed: {@link #restart} brings it back. */
    public synchronized Process process(Server server) {
        Process process = processes.get(server);
        if (process == null) {
            throw new IllegalArgumentException(server.label() + " is not part of this stack");
        }
        return process;
    }

    /** Where the server's output goes. */
    public Path logFile(Server server) {
        return folder.logFile(server);
    }

    /** From now on, a server that ends by itself is started again, on the same ports and data. */
    public void keepRunning() {
        Supervisor supervisor = new Supervisor(
                new Supervisor.Runner() {
                    @Override
                    public Process process(Server server) {
                        return LocalStack.this.process(server);
                    }

                    @Override
                    public void start(Server server) throws IOException {
                        startTogether(List.of(server));
                    }

                    @Override
                    public Path logFile(Server server) {
                        return folder.logFile(server);
                    }
                },
                listener,
                () -> closing,
                folder.path().resolve("devstack"),
                Supervisor.Patience.DEFAULT);
        List<Server> servers;
        synchronized (this) {
            servers = List.copyOf(processes.keySet());
        }
        servers.forEach(supervisor::watch);
    }

    /**
     * Starts a server again on the same ports and data, and returns when it answers. One that still runs is asked to
     * end first. Not for a stack that is told to {@link #keepRunning}, which does so by itself.
     *
     * @throws CommandException when it does not start
     */
    public void restart(Server server) {
        RecordedProcess.end(process(server).toHandle(), STOP_PATIENCE);
        try {
            startTogether(List.of(server));
        } catch (IOException failed) {
            throw new CommandException(server.label() + " can't be started again: " + failed.getMessage(), failed);
        }
    }

    /** Ends the services, then the servers that they need. */
    @Override
    public void close() {
        List<Process> services = new ArrayList<>();
        List<Process> servers = new ArrayList<>();
        synchronized (this) {
            if (closing) {
                return;
            }
            closing = true;
            processes.forEach((server, process) -> {
                boolean infrastructure = server == Server.DEVSTACK || server == Server.BROKER;
                (infrastructure ? servers : services).add(process);
            });
        }
        logReader.shutdownNow();
        endTogether(services);
        // A training service that was killed and restarted is not the parent of the trainers that it found again.
        folder.endTrainers(listener);
        endTogether(servers);
        folder.endIfAlive(POSTGRES);
        try {
            folder.close();
        } catch (IOException left) {
            listener.note("can't clean up " + folder.path() + ": " + left.getMessage());
        }
        http.close();
        forgetExit();
    }

    private void forgetExit() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException exiting) {
            // It is the exit that closes this stack.
        }
    }

    private static void endTogether(List<Process> processes) {
        List<CompletableFuture<Void>> ends = processes.stream()
                .map(process -> CompletableFuture.runAsync(
                        () -> RecordedProcess.end(process.toHandle(), STOP_PATIENCE), Thread::startVirtualThread))
                .toList();
        ends.forEach(CompletableFuture::join);
    }
}
