package dev.loupe.training.metric;

import dev.loupe.contracts.training.MetricPoint;
import dev.loupe.contracts.training.Selection;
import dev.loupe.training.metric.MetricSeries.Point;
import dev.loupe.training.run.Run;
import dev.loupe.training.run.RunState;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * The values of metrics that trainers measured during runs. The number of values of a run is limited: whenever it
 * exceeds the limit, every second of the kept steps is deleted, so that what is kept always spans the whole run.
 */
@ApplicationScoped
public class MetricHistory {
    /** Most values of a run. */
    static final int MAX_VALUES = 10_000;
    /** No run has so many steps: beyond this stride, only values at step 0 could be left. */
    private static final long MAX_STRIDE = 1L << 40;

    private final Jdbi jdbi;

    MetricHistory(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Adds what an attempt has measured. The order in which points arrive is of no importance, and neither is how
     * often: of two values for the same step, the later measured one is kept.
     */
    @Transactional
    public void add(UUID run, int attempt, List<MetricPoint> points) {
        if (points.isEmpty()) {
            return;
        }
        jdbi.useHandle(handle -> {
            // The lock serializes reports of a run, so that they do not exceed the limit together.
            long stride = handle.createQuery("select metric_stride from run where id = :run for update")
                    .bind("run", run)
                    .mapTo(Long.class)
                    .one();
            insert(handle, run, attempt, points, stride);
            thinOut(handle, run, stride);
        });
    }

    private static void insert(Handle handle, UUID run, int attempt, List<MetricPoint> points, long stride) {
        PreparedBatch batch = handle.prepareBatch("""
                insert into metric_value (run_id, name, attempt, phase, step, at, value)
                values (:run, :name, :attempt, :phase, :step, :at, :value)
                on conflict (run_id, name, attempt, phase, step) do update set at = excluded.at, value = excluded.value
                where excluded.at > metric_value.at""");
        for (MetricPoint point : points) {
            if (point.step() % stride == 0) {
                point.metrics().forEach((name, value) -> batch.bind("run", run)
                        .bind("name", name)
                        .bind("attempt", attempt)
                        .bind("phase", point.phase())
                        .bind("step", point.step())
                        .bind("at", point.at())
                        .bind("value", value)
                        .add());
            }
        }
        if (batch.size() > 0) {
            batch.execute();
        }
    }

    private static void thinOut(Handle handle, UUID run, long before) {
        long values = handle.createQuery("select count(*) from metric_value where run_id = :run")
                .bind("run", run)
                .mapTo(Long.class)
                .one();
        long stride = before;
        while (values > MAX_VALUES && stride < MAX_STRIDE) {
            stride *= 2;
            values -= handle.createUpdate("delete from metric_value where run_id = :run and step % :stride <> 0")
                    .bind("run", run)
                    .bind("stride", stride)
                    .execute();
        }
        if (values > MAX_VALUES) { // thousands of metrics at step 0
            handle.createUpdate("""
                            delete from metric_value where ctid in (
                                select ctid from metric_value where run_id = :run order by at desc limit :excess)""")
                    .bind("run", run)
                    .bind("excess", values - MAX_VALUES)
                    .execute();
        }
        if (stride > before) {
            handle.createUpdate("update run set metric_stride = :stride where id = :run")
                    .bind("run", run)
                    .bind("stride", stride)
                    .execute();
        }
    }

    /**
     * Returns the series of a run, ordered by name.
     *
     * @param names names of the wanted metrics; all if empty
     */
    List<MetricSeries> series(UUID run, List<String> names) {
        Map<String, List<Point>> series = new LinkedHashMap<>();
        jdbi.useHandle(handle -> handle.createQuery("""
                        select name, attempt, phase, step, at, value from metric_value
                        where run_id = :run and (:all or name = any(:names))
                        order by name, attempt, at, step""")
                .bind("run", run)
                .bind("all", names.isEmpty())
                .bindArray("names", String.class, names)
                .map((row, _) -> series.computeIfAbsent(row.getString("name"), _ -> new ArrayList<>())
                        .add(new Point(
                                row.getInt("attempt"),
                                row.getString("phase"),
                                row.getLong("step"),
                                row.getObject("at", OffsetDateTime.class).toInstant(),
                                row.getDouble("value"))))
                .list());
        return series.entrySet().stream()
                .map(entry -> new MetricSeries(entry.getKey(), entry.getValue()))
                .toList();
    }

    /**
     * What the losses of a run on TRAIN and DEV show, or those of the candidate that it chose; empty if it has not
     * succeeded, and so is not told.
     */
    public List<LearningNote> notes(Run run) {
        if (run.status().state() != RunState.SUCCEEDED) {
            return List.of();
        }
        Selection selection = run.outcome().selection();
        String candidate = selection == null ? "" : selection.chosenCandidate().phase();
        if (candidate == null) {
            return List.of(); // an older trainer kept no series of candidates
        }
        String phase = (candidate + " " + LearningCurve.PHASE).strip();
        int classes = jdbi.withHandle(
                handle -> handle.createQuery("select coalesce(class_count, 0) from dataset_version where id = :id")
                        .bind("id", run.data().datasetVersionId())
                        .mapTo(Integer.class)
                        .one());
        return LearningCurve.notes(series(run.id(), LearningCurve.METRICS), classes, phase);
    }

    /** Returns the distance of the kept steps of a run. */
    long stride(UUID run) {
        return jdbi.withHandle(handle -> handle.createQuery("select metric_stride from run where id = :run")
                .bind("run", run)
                .mapTo(Long.class)
                .one());
    }
}
