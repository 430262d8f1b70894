package dev.loupe.inference.traffic;

import dev.loupe.inference.runtime.ArmKey;
import dev.loupe.service.database.Retention;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;

/** Counts the predictions of the arms in this replica, and adds them to the database every few seconds. Thread-safe. */
@ApplicationScoped
public class ArmCounts {
    private static final Logger LOG = Logger.getLogger(ArmCounts.class);
    private static final Duration RETENTION = Duration.ofDays(30);

    private final ArmCountRepository repository;
    private final Jdbi jdbi;
    /** What is not in the database yet; guarded by this. */
    private Map<ArmKey, Tally> tallies = new HashMap<>();

    /** Changed in place: a caller waits for it. */
    private static final class Tally {
        private final Map<Integer, Long> latency = new HashMap<>();
        private long answered;
        private long failed;

        void add(ArmCount more) {
            answered += more.answered();
            failed += more.failed();
            more.latency().forEach((bucket, count) -> latency.merge(bucket, count, Long::sum));
        }

        ArmCount count() {
            return new ArmCount(answered, failed, latency);
        }
    }

    ArmCounts(ArmCountRepository repository, Jdbi jdbi) {
        this.repository = repository;
        this.jdbi = jdbi;
    }

    /** Counts a prediction that was answered after this time. */
    public void answered(ArmKey arm, long nanos) {
        int bucket = Latency.bucket(nanos);
        change(arm, tally -> {
            tally.answered++;
            tally.latency.merge(bucket, 1L, Long::sum);
        });
    }

    /** Counts a prediction that the version has failed to make. */
    public void failed(ArmKey arm) {
        change(arm, tally -> tally.failed++);
    }

    private synchronized void change(ArmKey arm, Consumer<Tally> change) {
        change.accept(tallies.computeIfAbsent(arm, _ -> new Tally()));
    }

    private synchronized Map<ArmKey, Tally> take() {
        Map<ArmKey, Tally> taken = tallies;
        tallies = new HashMap<>();
        return taken;
    }

    /** Writes the counts to the database. While it is away, they are kept. */
    @Scheduled(
            every = "${loupe.inference.shadow.interval:5s}",
            delayed = "${loupe.inference.shadow.interval:5s}",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    @RunOnVirtualThread
    void write() {
        take().forEach((arm, tally) -> {
            ArmCount count = tally.count();
            try {
                repository.add(arm, count);
            } catch (RuntimeException e) {
                LOG.debugf("counts of arms are kept: %s", e.getMessage());
                change(arm, kept -> kept.add(count));
            }
        });
    }

    @Scheduled(
            every = "1h",
            delayed = "10m",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    @RunOnVirtualThread
    void prune() {
        Retention.prune(jdbi, "arm_count", "counted_at", RETENTION);
    }
}
