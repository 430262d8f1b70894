package dev.loupe.inference.registry;

import dev.loupe.service.access.CurrentCaller;
import dev.loupe.service.access.Tenant;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.result.RowView;

/** Models and their versions in the database. */
@ApplicationScoped
public class ModelRepository {
    private static final String VERSIONS =
            "select *, bucket as manifest_bucket from model_version where deleted_at is null ";

    private final Jdbi jdbi;
    private final CurrentCaller caller;

    ModelRepository(Jdbi jdbi, CurrentCaller caller) {
        this.caller = caller;
        this.jdbi = jdbi;
    }

    /** Adds the model unless it exists. */
    void insertIfAbsent(Model model) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into model (project_id, name, task) values (:projectId, :name, :task)
                        on conflict (project_id) do nothing""").bindMethods(model).execute());
    }

    /**
     * Adds a version with the next number. Does nothing if the run already has a version.
     *
     * @param version {@code number} and {@code createdAt} of it are ignored
     * @return the number, empty if the run already has a version
     */
    Optional<Integer> insert(UUID projectId, ModelVersion version) {
        return jdbi.withHandle(handle -> {
            handle.createQuery("select name from model where project_id = :project for update")
                    .bind("project", projectId)
                    .mapTo(String.class)
                    .one(); // one registration at a time, so that numbers are unique and have no gaps
            return handle.createQuery("""
                            insert into model_version (project_id, number, run_id, bucket, manifest_key,
                                manifest_sha256, dataset_version_id, dataset_version, test_digest, metrics, recipe,
                                backbone, origin, traceparent)
                            select :project, coalesce(max(number), 0) + 1, :runId, :manifest.bucket, :manifest.key,
                                :manifestSha256, :datasetVersionId, :datasetVersion, :testDigest,
                                cast(:metrics as jsonb), :recipe, :backbone, :origin, :traceparent
                            from model_version where project_id = :project
                            on conflict (run_id) do nothing
                            returning number""")
                    .bind("project", projectId)
                    .bindMethods(version)
                    .mapTo(Integer.class)
                    .findOne();
        });
    }

    /** Returns the model of a project; empty if there is none. */
    Optional<Model> find(UUID projectId) {
        return jdbi.withHandle(handle -> handle.createQuery("select * from model where project_id = :id")
                .bind("id", projectId)
                .mapTo(Model.class)
                .findOne());
    }

    /** The ids of the projects of a tenant that have a model. */
    public Set<UUID> projectsOf(String tenant) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select project_id from model where %s = :tenant".formatted(Tenant.ofProjectSql("name")))
                .bind("tenant", tenant)
                .mapTo(UUID.class)
                .set());
    }

    /** Returns the model of the project that has or had this name; empty if there is none. */
    Optional<Model> findByAnyName(String name) {
        return findByName(name)
                .or(() -> jdbi.withHandle(handle -> handle.createQuery("""
                        select m.* from model m join project_former_name f using (project_id) where f.name = :name""")
                        .bind("name", name)
                        .mapTo(Model.class)
                        .findOne()));
    }

    Optional<Model> findByName(String name) {
        return jdbi.withHandle(handle -> handle.createQuery("select * from model where name = :name")
                .bind("name", name)
                .mapTo(Model.class)
                .findOne());
    }

    /** Lists the models that the caller may see after the given name, ordered by name. */
    List<Model> list(String after, int limit) {
        return jdbi.withHandle(handle -> caller.bind(handle.createQuery("select * from model where name > :after and "
                        + CurrentCaller.visible("project_id", "name") + " order by name limit :limit"))
                .bind("after", after)
                .bind("limit", limit)
                .mapTo(Model.class)
                .list());
    }

    Optional<ModelVersion> findVersion(UUID projectId, int number) {
        return jdbi.withHandle(handle -> handle.createQuery(VERSIONS + "and project_id = :project and number = :number")
                .bind("project", projectId)
                .bind("number", number)
                .mapTo(ModelVersion.class)
                .findOne());
    }

    /** As {@link #findVersion}, and keeps the version from being deleted until the transaction ends. */
    public Optional<ModelVersion> retain(UUID projectId, int number) {
        return lock(projectId, number, "for key share");
    }

    /** As {@link #findVersion}, and keeps aliases from being pointed at the version until the transaction ends. */
    Optional<ModelVersion> lock(UUID projectId, int number) {
        return lock(projectId, number, "for update");
    }

    private Optional<ModelVersion> lock(UUID projectId, int number, String lock) {
        return jdbi.withHandle(
                handle -> handle.createQuery(VERSIONS + "and project_id = :project and number = :number " + lock)
                        .bind("project", projectId)
                        .bind("number", number)
                        .mapTo(ModelVersion.class)
                        .findOne());
    }

    /** Marks a version as deleted. */
    void delete(UUID projectId, int number) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        update model_version set deleted_at = now()
                        where project_id = :project and number = :number""")
                .bind("project", projectId)
                .bind("number", number)
                .execute());
    }

    /** Keeps what an evaluation run measured; nothing if the run that trained the model has no version. */
    void addEvaluation(VersionEvaluation evaluation) {
        jdbi.useHandle(
                handle -> handle.createUpdate("""
                        insert into version_evaluation (run_id, test_digest, dataset_version, metrics)
                        select run_id, :testDigest, :datasetVersion, cast(:metrics as jsonb)
                        from model_version where run_id = :runId
                        on conflict (run_id, test_digest) do update
                        set dataset_version = excluded.dataset_version, metrics = excluded.metrics""").bindMethods(evaluation).execute());
    }

    /** Returns what an evaluation run measured of a version on these TEST images; empty if there is nothing. */
    Optional<VersionEvaluation> findEvaluation(UUID runId, String testDigest) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select * from version_evaluation where run_id = :run and test_digest = :testDigest")
                .bind("run", runId)
                .bind("testDigest", testDigest)
                .mapTo(VersionEvaluation.class)
                .findOne());
    }

    /** Lists the versions of a model below the given number, newest first. */
    List<ModelVersion> listVersions(UUID projectId, int below, int limit) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        VERSIONS + "and project_id = :project and number < :below order by number desc limit :limit")
                .bind("project", projectId)
                .bind("below", below)
                .bind("limit", limit)
                .mapTo(ModelVersion.class)
                .list());
    }

    /** Reads all models, versions and aliases, which each replica needs. */
    public RegistrySnapshot snapshot() {
        // In this order, every candidate refers to an alias in the snapshot, every alias to a version, and every
        // version
        // to a model.
        return jdbi.withHandle(handle -> {
            Map<UUID, List<String>> formerNames = byProject(
                    handle,
                    "select * from project_former_name order by name",
                    row -> row.getColumn("name", String.class));
            Map<UUID, List<Canary>> canaries =
                    byProject(handle, CanaryRepository.CURRENT, row -> row.getRow(CanaryChange.class)
                            .canary());
            Map<UUID, List<Alias>> aliases =
                    byProject(handle, "select * from alias order by name", row -> row.getRow(Alias.class));
            Map<UUID, List<CurrentThreshold>> thresholds =
                    byProject(handle, """
                            select distinct on (project_id, version) project_id, version, number, value
                            from threshold_version order by project_id, version, number desc""", row -> row.getRow(CurrentThreshold.class));
            Map<UUID, List<ModelVersion>> versions =
                    byProject(handle, VERSIONS + "order by number", row -> row.getRow(ModelVersion.class));
            Map<UUID, List<Integer>> pinned =
                    byProject(handle, VersionPins.ALL, row -> row.getColumn("number", Integer.class));
            List<Model> models = handle.createQuery("select * from model order by name")
                    .mapTo(Model.class)
                    .list();
            return new RegistrySnapshot(models.stream()
                    .map(model -> new RegistrySnapshot.Entry(
                            model,
                            formerNames.getOrDefault(model.projectId(), List.of()),
                            versions.getOrDefault(model.projectId(), List.of()),
                            aliases.getOrDefault(model.projectId(), List.of()),
                            thresholds.getOrDefault(model.projectId(), List.of()),
                            canaries.getOrDefault(model.projectId(), List.of()),
                            Set.copyOf(pinned.getOrDefault(model.projectId(), List.of()))))
                    .toList());
        });
    }

    private static <T> Map<UUID, List<T>> byProject(Handle handle, String select, Function<RowView, T> item) {
        return handle.createQuery(select).reduceRows(new HashMap<>(), (items, row) -> {
            items.computeIfAbsent(row.getColumn("project_id", UUID.class), _ -> new ArrayList<>())
                    .add(item.apply(row));
            return items;
        });
    }
}
