package dev.loupe.training.backbone;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.model.backbone.BackboneValidationProcess;
import dev.loupe.model.backbone.BackboneValidationProcess.ClassifierForm;
import dev.loupe.model.backbone.BackboneValidationProcess.Outcome;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Validates networks, each in a process of its own ({@link BackboneValidationProcess}). The operating system limits the memory, time
 * and output of that process, so a hostile or oversized file affects only that process. The process does not inherit
 * the service's environment.
 */
@ApplicationScoped
public class BackboneValidator {
    private static final Logger LOG = Logger.getLogger(BackboneValidator.class);
    private static final int BLOCK = 512;
    /** Limit of a file that the process writes, in blocks. The largest is the native library of ONNX Runtime (28 MB). */
    private static final long MAX_OUTPUT = (64L << 20) / BLOCK;

    /** Memory for weights, in sizes of the file: mapped once, read once, and held by ONNX Runtime as is and packed. */
    private static final int WEIGHTS = 4;

    private static final int MAX_ANSWER = 1 << 20;
    private static final int MAX_LOG = 4096;
    private static final Duration POLL_INTERVAL = Duration.ofMillis(50);

    private final BackboneConfig config;
    private final ObjectMapper json;
    private final Semaphore slots;

    BackboneValidator(BackboneConfig config, ObjectMapper json) {
        this.config = config;
        this.json = json;
        this.slots = new Semaphore(config.concurrentValidations(), true);
    }

    /**
     * Validates a network as a backbone.
     *
     * @param file the ONNX file, in a folder that the process may write to
     * @param input how images are prepared for it
     * @param abandoned whether the client has disconnected; then the process is killed
     * @return the outputs of the network
     * @throws ServiceException {@code BACKBONE_INVALID} with the reason, {@code OVERLOADED} if other validations take too
     *     long, {@code STORAGE_FULL}, or {@code INVALID_REQUEST} if the client has disconnected
     */
    Outcome backbone(Path file, NetworkInput input, BooleanSupplier abandoned) {
        return run(file, input, file.getParent(), List.of(), abandoned);
    }

    /**
     * Validates a network as a classifier, as {@link #backbone}.
     *
     * @param labels number of labels
     * @param inputSize side of its input, null for that of the file
     * @param output name of its output, null for the only one that fits
     * @throws ServiceException as for a backbone; {@code IMPORTED_MODEL_INVALID} with the reason
     */
    public ClassifierForm classifier(
            Path file, NetworkInput input, int labels, Integer inputSize, String output, BooleanSupplier abandoned) {
        List<String> arguments = List.of(
                Integer.toString(labels), inputSize == null ? "" : inputSize.toString(), output == null ? "" : output);
        try {
            return run(file, input, file.getParent(), arguments, abandoned).classifier();
        } catch (ServiceException e) {
            throw e.code() == ErrorCode.BACKBONE_INVALID
                    ? new ServiceException(ErrorCode.IMPORTED_MODEL_INVALID, e.getMessage(), e)
                    : e;
        }
    }

    /** @param folder folder that the process may write to */
    Outcome run(Path file, NetworkInput input, Path folder, List<String> arguments, BooleanSupplier abandoned) {
        awaitSlot(abandoned);
        try {
            Path answer = folder.resolve("answer.json");
            Path log = folder.resolve("validation.log");
            int exit = await(start(command(file, input, folder, answer, arguments), folder, log), abandoned);
            if (!Files.exists(answer) || exit != 0) {
                throw unanswered(exit, log, memory(file));
            }
            Outcome outcome = read(answer);
            if (outcome.refused() != null) {
                throw refused(outcome.refused());
            }
            return outcome;
        } catch (IOException e) {
            throw Upload.full(e);
        } finally {
            slots.release();
        }
    }

    private void awaitSlot(BooleanSupplier abandoned) {
        long deadline = System.nanoTime() + config.validationQueueTimeout().toNanos();
        try {
            while (!slots.tryAcquire(POLL_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
                throwIf(abandoned);
                if (System.nanoTime() > deadline) {
                    throw new ServiceException(
                            ErrorCode.OVERLOADED, "other networks are being validated at the moment; retry later");
                }
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private Process start(List<String> command, Path folder, Path log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().clear();
        builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
        // Not passed as an option: ONNX Runtime 1.29 reads the command line, and one of 4 KiB overflows its stack.
        builder.environment().put("CLASSPATH", classPath());
        builder.environment().put("OMP_WAIT_POLICY", "PASSIVE");
        builder.environment().put("MALLOC_ARENA_MAX", "1");
        return builder.start();
    }

    private List<String> command(Path file, NetworkInput input, Path folder, Path answer, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "/bin/sh",
                "-c",
                "ulimit -c 0 && ulimit -f $0 && ulimit -t $1 && ulimit -v $2 && shift 2 && exec \"$@\"",
                Long.toString(MAX_OUTPUT),
                Long.toString(2 * config.validationTimeout().toSeconds() + 1),
                Long.toString(memory(file) >> 10),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx192m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                // Limit the address space that the JVM reserves.
                "-XX:CompressedClassSpaceSize=16m",
                "-XX:ReservedCodeCacheSize=32m",
                "-XX:-UsePerfData",
                "-XX:ErrorFile=/dev/null",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.io.tmpdir=" + folder,
                BackboneValidationProcess.class.getName(),
                file.toString(),
                answer.toString()));
        command.add(Float.toString(input.scale()));
        Stream.of(input.mean(), input.std())
                .flatMap(List::stream)
                .map(String::valueOf)
                .forEach(command::add);
        command.addAll(arguments);
        return command;
    }

    private long memory(Path file) throws IOException {
        return config.validationMemory().asLongValue() + WEIGHTS * Files.size(file);
    }

    /** The class path that this service's classes were loaded from, whichever class loader did so. */
    private static String classPath() {
        return BackboneValidationProcess.program().stream()
                .map(BackboneValidator::source)
                .distinct()
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static Path source(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        return Path.of(URI.create(source.getLocation().toString()));
    }

    /** @return the exit code */
    private int await(Process process, BooleanSupplier abandoned) {
        long deadline = System.nanoTime() + config.validationTimeout().toNanos();
        try {
            while (!process.waitFor(POLL_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
                throwIf(abandoned);
                if (System.nanoTime() > deadline) {
                    throw refused("the validation takes longer than "
                            + config.validationTimeout().toSeconds() + " s");
                }
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            throw interrupted(e);
        } finally {
            process.destroyForcibly();
        }
    }

    private Outcome read(Path answer) throws IOException {
        try (InputStream in = Files.newInputStream(answer)) {
            byte[] document = in.readNBytes(MAX_ANSWER + 1);
            if (document.length > MAX_ANSWER) {
                throw refused("it has too many outputs");
            }
            return json.readValue(document, Outcome.class);
        }
    }

    private ServiceException unanswered(int exit, Path log, long memory) throws IOException {
        String said = head(log);
        LOG.infof("the validation of a network ended with exit code %d: %s", exit, said);
        if (Files.getFileStore(log).getUsableSpace() < MAX_OUTPUT * BLOCK) {
            return Upload.full(new IOException("no space for a validation: " + said));
        }
        return refused("the validation ended early, with exit code " + exit + ": it needs more than " + (memory >> 20)
                + " MiB of memory, or makes ONNX Runtime crash");
    }

    private static String head(Path log) throws IOException {
        try (InputStream in = Files.newInputStream(log)) {
            return new String(in.readNBytes(MAX_LOG), StandardCharsets.ISO_8859_1);
        }
    }

    private static void throwIf(BooleanSupplier abandoned) {
        if (abandoned.getAsBoolean()) {
            throw new ServiceException(ErrorCode.INVALID_REQUEST, "the client has gone");
        }
    }

    private static ServiceException refused(String reason) {
        return new ServiceException(ErrorCode.BACKBONE_INVALID, reason);
    }

    private static ServiceException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new ServiceException(ErrorCode.OVERLOADED, "the service is stopping; retry later", e);
    }
}
