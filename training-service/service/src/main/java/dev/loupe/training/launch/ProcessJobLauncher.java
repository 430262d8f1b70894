package dev.loupe.training.launch;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.telemetry.TraceParent;
import dev.loupe.training.catalogue.CatalogueConfig;
import dev.loupe.training.launch.LaunchException.Consequence;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Runs trainers as processes on this machine, for the local mode. A trainer outlives the service: it writes its output
 * to a file, and a restarted service finds it by the files in the job's folder. {@code spec.json} there means that a
 * job was launched, {@code trainer.pid} (see {@link TrainerProcess}) that its one trainer has started. If the service
 * is killed between the two, it launches again; of two trainers, the one that claims the job second ends without doing
 * anything.
 */
final class ProcessJobLauncher implements JobLauncher {
    private static final Logger LOG = Logger.getLogger(ProcessJobLauncher.class);
    private static final String SPEC = "spec.json";
    private static final String LOG_FILE = "trainer.log";
    private static final String SCRATCH = "scratch";
    /** Environment variables of the service that a trainer inherits; its secrets are not among them. */
    private static final Set<String> INHERITED = Set.of(
            "PATH",
            "HOME",
            "LANG",
            "LC_ALL",
            "TMPDIR",
            "TZ",
            "DJL_CACHE_DIR",
            "LD_LIBRARY_PATH",
            "LOUPE_DEVICE",
            "ONNXRUNTIME_LIBRARY_PATH",
            "PYTORCH_LIBRARY_PATH",
            "PYTORCH_VERSION",
            "PYTORCH_FLAVOR",
            "LOUPE_LOG_JSON",
            "LOUPE_TLS_CA",
            "LOUPE_TLS_CERTIFICATE",
            "LOUPE_TLS_KEY",
            "LOUPE_STORAGE_CA");

    private final ProcessConfig config;
    private final CatalogueConfig recipes;
    private final ObjectMapper json;
    private final Path directory;
    private final Path classpathFile;
    /** Processes that this service started. Exit codes are known only for these. */
    private final Map<JobName, Process> children = new ConcurrentHashMap<>();

    private final Map<JobName, Instant> stopping = new ConcurrentHashMap<>();

    ProcessJobLauncher(ProcessConfig config, CatalogueConfig recipes, ObjectMapper json) {
        this.config = config;
        this.recipes = recipes;
        this.classpathFile = config.classpathFile()
                .orElseThrow(
                        () -> new IllegalArgumentException("loupe.training.process.classpath-file is missing: which"
                                + " file has the trainer's class path?"));
        this.json = json;
        this.directory = config.directory().toAbsolutePath();
    }

    @Override
    public int check(TrainerResources resources) {
        if (!resources.equals(TrainerResources.DEFAULT)) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST, "resources: expected none, trainers are processes of this machine here");
        }
        return 0; // runs share what the machine has
    }

    @Override
    public void launch(
            JobName job,
            String token,
            TrainerResources resources,
            int priority,
            Function<TrainerEnvironment, TrainerSpec> spec) {
        Path folder = directory.resolve(job.value());
        try {
            if (TrainerProcess.read(folder).isPresent() || children.containsKey(job)) {
                return;
            }
            Files.createDirectories(folder.resolve(SCRATCH));
            TrainerEnvironment environment = new TrainerEnvironment(
                    folder,
                    directory.resolve("cache"),
                    config.threads().orElse(Runtime.getRuntime().availableProcessors()));
            Path specFile = folder.resolve(SPEC);
            write(specFile, spec.apply(environment));
            ProcessBuilder builder = new ProcessBuilder(command(specFile))
                    .directory(folder.toFile())
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(Redirect.appendTo(folder.resolve(LOG_FILE).toFile()));
            setEnvironment(builder.environment(), token);
            // Not passed as an option: ONNX Runtime 1.29 reads the command line, and one of 4 KiB overflows its stack.
            builder.environment()
                    .put("CLASSPATH", Files.readString(classpathFile).strip());
            Process process = builder.start();
            children.put(job, process);
            LOG.infof("%s: trainer started, pid %d", job, process.pid());
        } catch (IOException e) {
            boolean full = String.valueOf(e.getMessage()).contains("No space left on device");
            throw new LaunchException(
                    full ? Consequence.WAIT : Consequence.RETRY, "the trainer can't be started: " + e.getMessage(), e);
        }
    }

    /** Writes the file atomically: if a launch is repeated, a trainer may be reading it. */
    private void write(Path specFile, TrainerSpec spec) throws IOException {
        Path draft = Files.createTempFile(specFile.getParent(), "spec", ".draft");
        json.writeValue(draft.toFile(), spec);
        Files.move(draft, specFile, StandardCopyOption.ATOMIC_MOVE);
    }

    private List<String> command(Path specFile) {
        String java = config.java()
                .orElse(Path.of(System.getProperty("java.home"), "bin", "java"))
                .toString();
        List<String> command = new ArrayList<>(List.of(
                java,
                "-Xmx" + config.heap().asLongValue(),
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow", // for protobuf: otherwise each log has four lines of warning
                // The libraries that it unpacks are deleted with its folder, even if it is killed.
                "-Djava.io.tmpdir=" + specFile.resolveSibling(SCRATCH),
                "-Dai.djl.offline=true"));
        config.options().ifPresent(command::addAll);
        command.addAll(List.of(config.mainClass(), specFile.toString()));
        return command;
    }

    private void setEnvironment(Map<String, String> environment, String token) {
        environment.keySet().retainAll(INHERITED);
        environment.put("OMP_WAIT_POLICY", "PASSIVE"); // waiting threads must not occupy cores that others use
        environment.put("OPT_OUT_TRACKING", "true");
        environment.put("ORT_DISABLE_TELEMETRY", "1");
        environment.put("LOUPE_REPORT_TOKEN", token);
        recipes.directory()
                .ifPresent(folder -> environment.put(
                        "LOUPE_RECIPES_DIRECTORY", folder.toAbsolutePath().toString()));
        String traceparent = TraceParent.current();
        if (traceparent != null) {
            environment.put("TRACEPARENT", traceparent);
        }
    }

    @Override
    public Map<JobName, ObservedJob> observe() {
        Map<JobName, ObservedJob> jobs = new HashMap<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(directory, "loupe-run-*")) {
            for (Path folder : folders) {
                Optional<JobName> job = JobName.parse(folder.getFileName().toString());
                if (job.isPresent() && Files.exists(folder.resolve(SPEC))) {
                    observe(job.get(), folder).ifPresent(observed -> jobs.put(job.get(), observed));
                }
            }
        } catch (NoSuchFileException _) {
            return Map.of(); // nothing was ever launched
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return jobs;
    }

    private Optional<ObservedJob> observe(JobName job, Path folder) throws IOException {
        Process child = children.get(job);
        boolean childLives = child != null && child.isAlive(); // read before the claim, which may be written in between
        Optional<TrainerProcess> claim = TrainerProcess.read(folder);
        if (claim.isPresent()) {
            boolean ours = child != null && child.pid() == claim.get().pid();
            // For our own child, wait for the exit code, which is available a moment after the process is gone.
            boolean lives = ours ? childLives : claim.get().handle().isPresent();
            return Optional.of(lives ? new ObservedJob.Running() : new ObservedJob.Ended(exitCode(ours, child)));
        }
        if (child == null) {
            return Optional.empty(); // the launch was interrupted, or its trainer has no claim yet: launch again
        }
        return Optional.of(childLives ? new ObservedJob.Pending() : new ObservedJob.Ended(exitCode(true, child)));
    }

    private static OptionalInt exitCode(boolean known, Process child) {
        return known ? OptionalInt.of(child.exitValue()) : OptionalInt.empty();
    }

    @Override
    public void stop(JobName job) {
        try {
            Optional<ProcessHandle> process = TrainerProcess.read(directory.resolve(job.value()))
                    .flatMap(TrainerProcess::handle)
                    .or(() -> Optional.ofNullable(children.get(job)).map(Process::toHandle));
            Instant now = Instant.now();
            Instant since = stopping.computeIfAbsent(job, _ -> now);
            boolean patienceIsOver = since.plus(config.stopGrace()).isBefore(now);
            process.ifPresent(patienceIsOver ? ProcessHandle::destroyForcibly : ProcessHandle::destroy);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void discard(JobName job) {
        Path folder = directory.resolve(job.value());
        try {
            Files.deleteIfExists(folder.resolve(SPEC));
            deleteTree(folder.resolve(SCRATCH));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        children.remove(job);
        stopping.remove(job);
    }

    private static void deleteTree(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    @Override
    public InputStream log(JobName job, long from) {
        try {
            InputStream in = Files.newInputStream(directory.resolve(job.value()).resolve(LOG_FILE));
            in.skip(from);
            return in;
        } catch (NoSuchFileException _) {
            return InputStream.nullInputStream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
