package dev.loupe.inference.serve;

import dev.loupe.inference.registry.Arm;
import dev.loupe.inference.runtime.BatchWork;
import dev.loupe.inference.runtime.ModelLease;
import dev.loupe.inference.runtime.PredictionPool;
import dev.loupe.inference.runtime.VersionMemory;
import dev.loupe.inference.runtime.VersionMemory.KnownVersion;
import dev.loupe.inference.traffic.ArmCounts;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import io.grpc.StatusRuntimeException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Computes predictions on the threads of the {@link PredictionPool}, and measures those of each version. Thread-safe. */
@ApplicationScoped
class MeasuredPredictions {
    private final PredictionPool pool;
    private final VersionMemory versions;
    private final Shadow shadow;
    private final AnswerLog log;
    private final ArmCounts arms;
    private final MeterRegistry metrics;
    /** By the run of the version: a version is of one run, and its model may be renamed. */
    private final Map<UUID, VersionStatistics> statistics = new ConcurrentHashMap<>();

    MeasuredPredictions(
            PredictionPool pool,
            VersionMemory versions,
            Shadow shadow,
            AnswerLog log,
            ArmCounts arms,
            MeterRegistry metrics) {
        this.pool = pool;
        this.versions = versions;
        this.shadow = shadow;
        this.log = log;
        this.arms = arms;
        this.metrics = metrics;
    }

    /**
     * Predicts and creates the answer, both on a thread of the pool and with one version, and waits for it.
     *
     * @param product product that the images show, null or empty if it is not known
     * @param answer makes the answer from the predictions
     * @throws ServiceException as {@link PredictionPool#compute} and {@link Inference#of}
     */
    <T> T predict(ModelLease lease, ModelInput input, String product, Function<Inference, T> answer) {
        VersionStatistics measured = of(lease.version().runId());
        long arrived = System.nanoTime();
        String outcome = "failed";
        try {
            T answered = pool.compute(new Request<>(lease, input, product, answer, measured, arrived));
            outcome = "answered";
            if (lease.armKey() != null) {
                arms.answered(lease.armKey(), System.nanoTime() - arrived);
            }
            return answered;
        } catch (RuntimeException e) {
            measured.failed(System.nanoTime() - arrived);
            if (lease.armKey() != null && isOfTheVersion(e)) {
                arms.failed(lease.armKey());
            }
            throw e;
        } finally {
            measure(lease.arm(), outcome, System.nanoTime() - arrived);
        }
    }

    /** The work on one request. */
    private final class Request<T> implements BatchWork<T> {
        private final ModelLease lease;
        private final ModelInput input;
        private final Function<Inference, T> answer;
        private final VersionStatistics measured;
        private final long arrived;
        private final Inference.Work work;
        private long begun;

        Request(
                ModelLease lease,
                ModelInput input,
                String product,
                Function<Inference, T> answer,
                VersionStatistics measured,
                long arrived) {
            this.lease = lease;
            this.input = input;
            this.answer = answer;
            this.measured = measured;
            this.arrived = arrived;
            this.work = new Inference.Work(lease, input, product);
        }

        @Override
        public ModelLease lease() {
            return lease;
        }

        @Override
        public int images() {
            return input.count();
        }

        @Override
        public String product() {
            return work.product();
        }

        @Override
        public float[] prepare() {
            begun = System.nanoTime();
            return work.prepare();
        }

        @Override
        public T answer(Outputs outputs) {
            Inference inference = work.of(outputs);
            long predicted = System.nanoTime();
            T result = answer.apply(inference);
            long end = System.nanoTime();
            measured.answered(inference, begun - arrived, end - predicted, end - arrived);
            shadow.offer(lease, input, inference);
            log.add(lease, input, inference, end - arrived);
            return result;
        }
    }

    /** Whether the version has failed to predict: not because of the image, the load, or the client. */
    private static boolean isOfTheVersion(RuntimeException e) {
        return switch (e) {
            case ServiceException refused -> refused.code() == ErrorCode.PREDICTION_NOT_FINITE;
            case StatusRuntimeException _ -> false;
            default -> ImageErrors.code(e).isEmpty();
        };
    }

    /** Measures a prediction of an alias with a candidate. */
    private void measure(Arm arm, String outcome, long nanos) {
        if (arm != null) {
            Timer.builder("loupe.canary.predictions")
                    .description("Predictions of aliases with a candidate, from their arrival at the queue")
                    .tag("arm", arm.text())
                    .tag("outcome", outcome)
                    .publishPercentileHistogram()
                    .register(metrics)
                    .record(nanos, TimeUnit.NANOSECONDS);
        }
    }

    private VersionStatistics of(UUID run) {
        return statistics.computeIfAbsent(run, _ -> new VersionStatistics());
    }

    /** What the version has predicted in this replica; empty if no prediction was requested. */
    Optional<VersionStatistics> statistics(KnownVersion version) {
        return Optional.ofNullable(statistics.get(version.version().runId()));
    }

    /** Forgets versions that were deleted. */
    void prune() {
        Set<UUID> known = versions.all().stream()
                .map(version -> version.version().runId())
                .collect(Collectors.toSet());
        statistics.keySet().retainAll(known);
    }
}
