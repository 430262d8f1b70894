package dev.loupe.inference.drift;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.loupe.inference.prediction.LoggedPrediction;
import dev.loupe.service.database.Ids;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.json.Json;

/** References, windows and the progress of the drift monitor in the database. */
@ApplicationScoped
class DriftRepository {
    private final Jdbi jdbi;

    /** A model version that is monitored. Public, because Jdbi constructs only public records. */
    public record MonitoredVersion(UUID projectId, String project, int version) {}

    /**
     * How far the predictions of a version are taken in. Public, because Jdbi constructs only public records.
     *
     * @param position last prediction that was taken in, null for none
     * @param windows windows since the reference was taken
     */
    public record Progress(UUID position, int windows) {}

    /** Values of a reference. Public, because Jdbi constructs only public records. */
    public record ReferenceValues(DriftMeasure measure, double[] values) {}

    /**
     * A window of predictions. Public, because Jdbi constructs only public records.
     *
     * @param tests outcome for each measure
     * @param drifted whether any measure drifted
     */
    @Schema(name = "DriftWindow")
    public record Window(
            @JsonIgnore UUID id,
            @JsonIgnore UUID projectId,
            @JsonIgnore int version,
            UUID firstId,
            UUID lastId,
            Instant startedAt,
            Instant endedAt,
            int images,
            @Json List<DriftTest.Outcome> tests,
            boolean drifted) {

        static Window of(MonitoredVersion version, List<LoggedPrediction> predictions, List<DriftTest.Outcome> tests) {
            return new Window(
                    Ids.next(),
                    version.projectId(),
                    version.version(),
                    predictions.getFirst().id(),
                    predictions.getLast().id(),
                    predictions.getFirst().createdAt(),
                    predictions.getLast().createdAt(),
                    predictions.size(),
                    tests,
                    tests.stream().anyMatch(DriftTest.Outcome::drifted));
        }

        /** The measures that drifted. */
        List<DriftMeasure> driftedMeasures() {
            return tests.stream()
                    .filter(DriftTest.Outcome::drifted)
                    .map(DriftTest.Outcome::measure)
                    .toList();
        }
    }

    DriftRepository(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** Versions that have predictions which are not taken in. */
    List<MonitoredVersion> due() {
        return jdbi.withHandle(
                handle -> handle.createQuery("""
                        select model.project_id, model.name as project, v.number as version
                        from prediction_log
                        join model on model.project_id = prediction_log.project_id
                        join model_version v on v.project_id = model.project_id and v.deleted_at is null
                        left join drift_monitor m on m.project_id = v.project_id and m.version = v.number
                        where exists (select from prediction p
                            where p.project_id = v.project_id and p.version = v.number
                                and (m.position is null or p.id > m.position))""").mapTo(MonitoredVersion.class).list());
    }

    /** Locks the progress of a version until the end of the transaction; empty if another replica has it. */
    Optional<Progress> lock(MonitoredVersion version) {
        return jdbi.withHandle(handle -> {
            handle.createUpdate("""
                            insert into drift_monitor (project_id, version) values (:projectId, :version)
                            on conflict do nothing""").bindMethods(version).execute();
            return handle.createQuery("""
                            select position, windows from drift_monitor
                            where project_id = :projectId and version = :version for update skip locked""")
                    .bindMethods(version)
                    .mapTo(Progress.class)
                    .findOne();
        });
    }

    void advance(MonitoredVersion version, Progress progress) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        update drift_monitor set position = :position, windows = :windows
                        where project_id = :projectId and version = :version""")
                .bindMethods(version)
                .bindMethods(progress)
                .execute());
    }

    /**
     * The oldest predictions of a version that are not taken in. The newest ones are left out: replicas write them a
     * moment later, not in order.
     */
    List<LoggedPrediction> next(MonitoredVersion version, UUID position, Duration delay, int limit) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select * from prediction
                        where project_id = :projectId and version = :version
                            and (cast(:position as uuid) is null or id > :position)
                            and created_at < now() - make_interval(secs => :delay)
                        order by id limit :limit""")
                .bindMethods(version)
                .bind("position", position)
                .bind("delay", delay.toMillis() / 1e3)
                .bind("limit", limit)
                .mapTo(LoggedPrediction.class)
                .list());
    }

    Map<DriftMeasure, double[]> reference(UUID projectId, int version) {
        Map<DriftMeasure, double[]> reference = new EnumMap<>(DriftMeasure.class);
        jdbi.withHandle(handle -> handle.createQuery(
                                "select measure, values from drift_reference where project_id = :project and version = :version")
                        .bind("project", projectId)
                        .bind("version", version)
                        .mapTo(ReferenceValues.class)
                        .list())
                .forEach(one -> reference.put(one.measure(), one.values()));
        return reference;
    }

    void setReference(MonitoredVersion version, Map<DriftMeasure, double[]> reference) {
        jdbi.useHandle(handle -> reference.forEach((measure, values) -> handle.createUpdate("""
                        insert into drift_reference (project_id, version, measure, values, created_at)
                        values (:projectId, :version, :measure, :values, now())""")
                .bindMethods(version)
                .bind("measure", measure)
                .bind("values", values)
                .execute()));
    }

    void add(Window window) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into drift_window (id, project_id, version, first_id, last_id, started_at, ended_at,
                            images, tests, drifted)
                        values (:id, :projectId, :version, :firstId, :lastId, :startedAt, :endedAt, :images,
                            cast(:tests as jsonb), :drifted)""").bindMethods(window).execute());
    }

    /** The newest windows since the reference was taken, newest first. */
    List<Window> windows(UUID projectId, int version, int limit) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select * from drift_window where project_id = :project and version = :version
                        order by id desc limit :limit""")
                .bind("project", projectId)
                .bind("version", version)
                .bind("limit", limit)
                .mapTo(Window.class)
                .list());
    }

    /** Forgets the reference and the windows of a version; later predictions become the new reference. */
    void reset(UUID projectId, int version) {
        jdbi.useHandle(handle -> {
            for (String table : List.of("drift_reference", "drift_window")) {
                handle.createUpdate("delete from " + table + " where project_id = :project and version = :version")
                        .bind("project", projectId)
                        .bind("version", version)
                        .execute();
            }
            handle.createUpdate("""
                            insert into drift_monitor (project_id, version, position, windows)
                            values (:project, :version, :position, 0)
                            on conflict (project_id, version) do update set position = excluded.position, windows = 0""")
                    .bind("project", projectId)
                    .bind("version", version)
                    .bind("position", Ids.next())
                    .execute();
        });
    }

    /** The number of versions whose last window drifted. */
    int drifted() {
        return jdbi.withHandle(
                handle -> handle.createQuery("""
                        select count(*) from drift_monitor m
                        join model_version v on v.project_id = m.project_id and v.number = m.version
                        where v.deleted_at is null and (select drifted from drift_window w
                            where w.project_id = m.project_id and w.version = m.version order by id desc limit 1)""").mapTo(int.class).one());
    }

    /** Deletes windows that are older than the retention of their project, and what belongs to deleted projects. */
    void prune(int defaultDays) {
        jdbi.useHandle(handle -> {
            handle.createUpdate("""
                            delete from drift_window w where ended_at < now() - make_interval(days => coalesce(
                                (select cast(settings ->> 'retentionDays' as integer) from prediction_log p
                                    where p.project_id = w.project_id), :days))""").bind("days", defaultDays).execute();
            for (String table : List.of("drift_reference", "drift_window", "drift_monitor")) {
                handle.execute("delete from " + table
                        + " t where not exists (select from model m where m.project_id = t.project_id)");
            }
        });
    }
}
