package dev.loupe.training.queue;

import dev.loupe.service.tenant.TenantFence;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * The queue, as stored in the database. A run waits in it until its first attempt. From then on the run holds a
 * trainer, even while that trainer waits for a place in the cluster. A run whose trainer found the disk full releases
 * its trainer, and enters the queue again after a pause.
 */
@ApplicationScoped
public class TrainingQueue {
    private static final int EXPERIENCE = 20;

    private final Jdbi jdbi;
    private final Quotas quotas;
    private final TenantFence fence;

    /** A run that holds a trainer. Public, because Jdbi constructs only public records. */
    public record Holder(String project, int gpus, Instant since) {}

    /** How many trainings have succeeded lately, and the median of their durations in seconds; null without runs. */
    public record Experience(int runs, Double median) {}

    TrainingQueue(Jdbi jdbi, Quotas quotas, TenantFence fence) {
        this.jdbi = jdbi;
        this.fence = fence;
        this.quotas = quotas;
    }

    /**
     * The runs to start now, in queue order. Only one replica may call this at a time.
     *
     * @param trainers most trainers at the same time
     */
    public List<UUID> next(int trainers) {
        return jdbi.withHandle(handle -> {
            List<Holder> holders = holders(handle);
            // The common case for a long queue, which then need not be read.
            return holders.size() >= trainers
                    ? List.of()
                    : Admission.choose(waiting(handle), held(holders), quotas.ofQueue(), trainers);
        });
    }

    /**
     * The positions of all waiting runs, those of other tenants too.
     *
     * @param trainers most trainers at the same time
     */
    public Map<UUID, QueuePlace> places(int trainers) {
        return fence.asOwner(() -> jdbi.withHandle(handle -> {
            List<Waiting> waiting = waiting(handle);
            if (waiting.isEmpty()) {
                return Map.<UUID, QueuePlace>of();
            }
            List<Holder> holders = holders(handle);
            Map<String, List<Instant>> running = new HashMap<>();
            holders.forEach(holder -> running.computeIfAbsent(holder.project(), _ -> new ArrayList<>())
                    .add(holder.since()));
            return forecast(handle, trainers, running).places(waiting, held(holders), quotas.ofQueue(), Instant.now());
        }));
    }

    private static QueueForecast forecast(Handle handle, int trainers, Map<String, List<Instant>> running) {
        Experience experience = handle.createQuery("""
                        select count(*) as runs, percentile_cont(0.5) within group (order by seconds) as median
                        from (select extract(epoch from finished_at - started_at) as seconds from run
                              where state = 'SUCCEEDED' and kind = 'TRAINING' order by finished_at desc limit :most) as late""")
                .bind("most", EXPERIENCE)
                .mapTo(Experience.class)
                .one();
        if (experience.runs() == 0) {
            return new QueueForecast(trainers, running, Optional.empty(), "");
        }
        return new QueueForecast(
                trainers,
                running,
                Optional.of(Duration.ofMillis(Math.round(1000 * experience.median()))),
                "%d at a time, %.0f s each: the median of the last %d that succeeded"
                        .formatted(trainers, experience.median(), experience.runs()));
    }

    private static Map<String, Usage> held(List<Holder> holders) {
        Map<String, Usage> held = new HashMap<>();
        holders.forEach(holder ->
                held.merge(holder.project(), Usage.NONE.plus(holder.gpus()), (one, _) -> one.plus(holder.gpus())));
        return held;
    }

    private static List<Waiting> waiting(Handle handle) {
        return handle.createQuery("""
                        select r.id as run, d.project_id as project, r.priority, r.gpus
                        from run r join dataset_version d on d.id = r.dataset_version_id
                        where r.state = 'QUEUED' and (r.attempt = 0 or r.not_before <= now()) order by r.id""").mapTo(Waiting.class).list();
    }

    private static List<Holder> holders(Handle handle) {
        return handle.createQuery("""
                        select d.project_id as project, r.gpus, r.started_at as since
                        from run r join dataset_version d on d.id = r.dataset_version_id
                        where r.state in ('STARTING', 'RUNNING') or r.state = 'QUEUED' and r.attempt > 0 and r.not_before is null""").mapTo(Holder.class).list();
    }
}
