package dev.loupe.inference.serve;

import com.google.protobuf.ByteString;
import dev.loupe.inference.runtime.ModelLease;
import dev.loupe.inference.runtime.ModelRuntime;
import dev.loupe.inference.runtime.PredictionPool;
import dev.loupe.inference.runtime.ShadowTarget;
import dev.loupe.inference.runtime.ThreadPriority;
import dev.loupe.inference.serve.ModelInput.Decoded;
import dev.loupe.inference.serve.ModelInput.Halves;
import dev.loupe.inference.serve.ModelInput.Images;
import dev.loupe.inference.serve.ModelInput.Prepared;
import dev.loupe.inference.traffic.Disagreement;
import dev.loupe.inference.traffic.ShadowConfig;
import dev.loupe.inference.traffic.ShadowCounts;
import dev.loupe.inference.traffic.ShadowPair;
import dev.loupe.inference.traffic.ShadowRepository;
import dev.loupe.model.AnomalyPrediction;
import dev.loupe.model.ClassPrediction;
import dev.loupe.model.Prediction;
import dev.loupe.service.database.Ids;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/**
 * Predicts with the candidate what the holder of its alias has predicted, and compares both. One thread does so while the
 * {@link PredictionPool} has a free one, and gives way to all others. Requests wait in a bounded queue, and are dropped if
 * it is full. The answer to a caller neither contains these predictions nor waits for them. Thread-safe.
 */
@ApplicationScoped
@Startup
class Shadow {
    private static final Logger LOG = Logger.getLogger(Shadow.class);
    private static final long BUSY_WAIT_MILLIS = 2;

    private final ModelRuntime runtime;
    private final PredictionPool pool;
    private final ShadowRepository repository;
    private final ShadowConfig config;
    private final MeterRegistry metrics;
    private final BlockingQueue<Request> waiting;
    private final AtomicLong waitingBytes = new AtomicLong();
    private final Thread thread;
    /** What is not in the database yet; guarded by itself. */
    private final Map<ShadowPair, Found> found = new HashMap<>();

    private volatile boolean stopped;

    /** A request that the holder has answered. */
    private record Request(
            ShadowTarget target,
            int holder,
            ModelInput input,
            String product,
            List<Answer> answers,
            long bytes,
            Instant at) {
        ShadowPair pair() {
            return new ShadowPair(target.projectId(), target.alias(), holder, target.candidate());
        }
    }

    /**
     * What one version says of an image.
     *
     * @param label label of a classifier; {@code normal} or {@code abnormal} of a detector
     */
    private record Answer(String label, double score) {
        static Answer of(Prediction prediction) {
            return switch (prediction) {
                case ClassPrediction classes -> new Answer(classes.label(), classes.score());
                case AnomalyPrediction anomaly ->
                    new Answer(anomaly.anomalous() ? "abnormal" : "normal", anomaly.score());
            };
        }
    }

    /** What was found since the counts were last written. */
    private static final class Found {
        private ShadowCounts counts = ShadowCounts.NONE;
        private final Deque<Disagreement> disagreements = new ArrayDeque<>();

        void add(ShadowCounts more, List<Disagreement> others, int keep) {
            counts = counts.plus(more);
            disagreements.addAll(others);
            while (disagreements.size() > keep) {
                disagreements.removeFirst();
            }
        }
    }

    Shadow(
            ModelRuntime runtime,
            PredictionPool pool,
            ShadowRepository repository,
            ShadowConfig config,
            MeterRegistry metrics) {
        this.runtime = runtime;
        this.pool = pool;
        this.repository = repository;
        this.config = config;
        this.metrics = metrics;
        this.waiting = new ArrayBlockingQueue<>(config.queue());
        this.thread = Thread.ofPlatform().name("shadow").daemon().start(this::run);
    }

    /** Lets the candidate see the images of a request, if there is one; never waits, and never fails. */
    void offer(ModelLease holder, ModelInput input, Inference inference) {
        if (holder.shadow() == null) {
            return;
        }
        try {
            enqueue(holder, input, inference);
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.error("a shadow prediction failed", e); // the caller gets the answer that there is
        }
    }

    private void enqueue(ModelLease holder, ModelInput input, Inference inference) {
        long bytes = bytes(input);
        boolean fits = waitingBytes.addAndGet(bytes) <= config.queueSize().asLongValue();
        ModelInput kept = input;
        try {
            kept = fits ? copy(input) : input;
        } catch (OutOfMemoryError _) {
            fits = false;
        }
        Request request = new Request(
                holder.shadow(),
                holder.version().number(),
                kept,
                inference.product(),
                inference.predictions().stream().map(Answer::of).toList(),
                bytes,
                Instant.now().truncatedTo(ChronoUnit.MICROS));
        if (!fits || !waiting.offer(request)) {
            waitingBytes.addAndGet(-bytes);
            add(request, new ShadowCounts(0, 0, 0, input.count()), List.of());
        }
    }

    /** Copies the images, because they may be parts of a much larger message. */
    private static ModelInput copy(ModelInput input) {
        return switch (input) {
            case Images images ->
                new Images(images.encoded().stream().map(Shadow::copy).toList());
            case Decoded decoded ->
                new Decoded(copy(decoded.rgb()), decoded.planar(), decoded.count(), decoded.width(), decoded.height());
            case Halves halves -> new Halves(copy(halves.nchw()), halves.count());
            case Prepared prepared -> prepared;
        };
    }

    private static ByteString copy(ByteString bytes) {
        return ByteString.copyFrom(bytes.asReadOnlyByteBuffer());
    }

    private static long bytes(ModelInput input) {
        return switch (input) {
            case Images images ->
                images.encoded().stream().mapToLong(ByteString::size).sum();
            case Decoded decoded -> decoded.rgb().size();
            case Halves halves -> halves.nchw().size();
            case Prepared prepared -> (long) prepared.nchw().length * Float.BYTES;
        };
    }

    private void run() {
        ThreadPriority.lower(ThreadPriority.SHADOW);
        while (!stopped) {
            try {
                Request request = waiting.take();
                while (!pool.isFree()) {
                    Thread.sleep(BUSY_WAIT_MILLIS);
                }
                waitingBytes.addAndGet(-request.bytes());
                compare(request);
            } catch (InterruptedException _) {
                return; // the replica is shutting down
            } catch (RuntimeException | Error e) {
                LOG.error("a shadow prediction failed", e);
            }
        }
    }

    private void compare(Request request) {
        int count = request.input().count();
        List<Answer> candidates;
        try (ModelLease lease = runtime.lease(request.target()).orElse(null)) {
            if (lease == null) {
                add(request, new ShadowCounts(0, 0, 0, count), List.of());
                return;
            }
            candidates = Inference.of(lease, request.input(), request.product()).predictions().stream()
                    .map(Answer::of)
                    .toList();
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.debugf("a candidate could not predict: %s", e.getMessage());
            add(request, new ShadowCounts(0, 0, count, 0), List.of());
            return;
        }
        List<Disagreement> disagreements = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Answer holder = request.answers().get(i);
            Answer candidate = candidates.get(i);
            if (!holder.label().equals(candidate.label())) {
                disagreements.add(new Disagreement(
                        Ids.next(),
                        request.at(),
                        request.input() instanceof Images images
                                ? sha256(images.encoded().get(i))
                                : null,
                        holder.label(),
                        holder.score(),
                        candidate.label(),
                        candidate.score()));
            }
        }
        add(request, new ShadowCounts(count, disagreements.size(), 0, 0), disagreements);
    }

    private static String sha256(ByteString image) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            image.asReadOnlyByteBufferList().forEach(digest::update);
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // each Java platform has it
        }
    }

    private void add(Request request, ShadowCounts counts, List<Disagreement> disagreements) {
        count("agreed", counts.images() - counts.disagreements());
        count("disagreed", counts.disagreements());
        count("failed", counts.failed());
        count("dropped", counts.dropped());
        synchronized (found) {
            found.computeIfAbsent(request.pair(), _ -> new Found()).add(counts, disagreements, config.disagreements());
        }
    }

    private void count(String outcome, long images) {
        if (images > 0) {
            metrics.counter("loupe.shadow.images", "outcome", outcome).increment(images);
        }
    }

    /** Writes the counts to the database. While it is away, they are kept. */
    @Scheduled(
            every = "${loupe.inference.shadow.interval:5s}",
            delayed = "${loupe.inference.shadow.interval:5s}",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    @RunOnVirtualThread
    void write() {
        Map<ShadowPair, Found> taken;
        synchronized (found) {
            taken = new HashMap<>(found);
            found.clear();
        }
        taken.forEach((pair, news) -> {
            try {
                repository.add(pair, news.counts, List.copyOf(news.disagreements), config.disagreements());
            } catch (RuntimeException e) {
                LOG.debugf("counts of shadow predictions are kept: %s", e.getMessage());
                synchronized (found) {
                    found.computeIfAbsent(pair, _ -> new Found())
                            .add(news.counts, List.copyOf(news.disagreements), config.disagreements());
                }
            }
        });
    }

    @PreDestroy
    void stop() {
        stopped = true;
        thread.interrupt();
    }
}
