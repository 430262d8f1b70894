package dev.loupe.inference.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.contracts.Task;
import dev.loupe.storage.ObjectLocation;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;

/** Models and their versions in the database. */
@ApplicationScoped
public class ModelRepository {
    private static final TypeReference<Map<String, Double>> METRICS = new TypeReference<>() {};

    private final Jdbi jdbi;
    private final ObjectMapper json;

    ModelRepository(Jdbi jdbi, ObjectMapper json) {
        this.jdbi = jdbi;
        this.json = json;
    }

    /** Adds the model unless it exists. */
    void insertIfAbsent(Model model) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into model (project_id, name, task) values (:id, :name, :task)
                        on conflict (project_id) do nothing""")
                .bind("id", model.projectId())
                .bind("name", model.name())
                .bind("task", model.task().name())
                .execute());
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
                                backbone, traceparent)
                            select :project, coalesce(max(number), 0) + 1, :run, :bucket, :key, :sha256,
                                :datasetVersionId, :datasetVersion, :testDigest, cast(:metrics as jsonb), :recipe,
                                :backbone, :traceparent
                            from model_version where project_id = :project
                            on conflict (run_id) do nothing
                            returning number""")
                    .bind("project", projectId)
                    .bind("run", version.runId())
                    .bind("bucket", version.manifest().bucket())
                    .bind("key", version.manifest().key())
                    .bind("sha256", version.manifestSha256())
                    .bind("datasetVersionId", version.datasetVersionId())
                    .bind("datasetVersion", version.datasetVersion())
                    .bind("testDigest", version.testDigest())
                    .bind("metrics", write(version.metrics()))
                    .bind("recipe", version.recipe())
                    .bind("backbone", version.backbone())
                    .bind("traceparent", version.traceparent())
                    .mapTo(Integer.class)
                    .findOne();
        });
    }

    /** Returns the model of a project; empty if there is none. */
    Optional<Model> find(UUID projectId) {
        return jdbi.withHandle(handle -> handle.createQuery("select * from model where project_id = :id")
                .bind("id", projectId)
                .map((rs, _) -> model(rs))
                .findOne());
    }

    /** Returns the model of the project that has or had this name; empty if there is none. */
    Optional<Model> findByAnyName(String name) {
        return findByName(name)
                .or(() -> jdbi.withHandle(handle -> handle.createQuery("""
                        select m.* from model m join project_former_name f using (project_id) where f.name = :name""")
                        .bind("name", name)
                        .map((rs, _) -> model(rs))
                        .findOne()));
    }

    Optional<Model> findByName(String name) {
        return jdbi.withHandle(handle -> handle.createQuery("select * from model where name = :name")
                .bind("name", name)
                .map((rs, _) -> model(rs))
                .findOne());
    }

    /** Lists models after the given name, ordered by name. */
    List<Model> list(String after, int limit) {
        return jdbi.withHandle(
                handle -> handle.createQuery("select * from model where name > :after order by name limit :limit")
                        .bind("after", after)
                        .bind("limit", limit)
                        .map((rs, _) -> model(rs))
                        .list());
    }

    Optional<ModelVersion> findVersion(UUID projectId, int number) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select * from model_version where project_id = :project and number = :number")
                .bind("project", projectId)
                .bind("number", number)
                .map((rs, _) -> version(rs))
                .findOne());
    }

    /** Lists the versions of a model below the given number, newest first. */
    List<ModelVersion> listVersions(UUID projectId, int below, int limit) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select * from model_version where project_id = :project and number < :below
                        order by number desc limit :limit""")
                .bind("project", projectId)
                .bind("below", below)
                .bind("limit", limit)
                .map((rs, _) -> version(rs))
                .list());
    }

    /** Reads all models, versions and aliases, which each replica needs. */
    public RegistrySnapshot snapshot() {
        // In this order, every alias refers to a version in the snapshot, and every version to a model in it.
        return jdbi.withHandle(handle -> {
            Map<UUID, List<ModelVersion>> versions = new HashMap<>();
            Map<UUID, List<Alias>> aliases = new HashMap<>();
            Map<UUID, List<String>> formerNames = new HashMap<>();
            handle.createQuery("select * from project_former_name order by name")
                    .map((rs, _) -> formerNames
                            .computeIfAbsent(rs.getObject("project_id", UUID.class), _ -> new ArrayList<>())
                            .add(rs.getString("name")))
                    .list();
            handle.createQuery("select * from alias order by name")
                    .map((rs, _) -> aliases.computeIfAbsent(
                                    rs.getObject("project_id", UUID.class), _ -> new ArrayList<>())
                            .add(new Alias(rs.getString("name"), rs.getInt("version"), rs.getLong("generation"))))
                    .list();
            handle.createQuery("select * from model_version order by number")
                    .map((rs, _) -> versions.computeIfAbsent(
                                    rs.getObject("project_id", UUID.class), _ -> new ArrayList<>())
                            .add(version(rs)))
                    .list();
            List<Model> models = handle.createQuery("select * from model order by name")
                    .map((rs, _) -> model(rs))
                    .list();
            return new RegistrySnapshot(models.stream()
                    .map(model -> new RegistrySnapshot.Entry(
                            model,
                            formerNames.getOrDefault(model.projectId(), List.of()),
                            versions.getOrDefault(model.projectId(), List.of()),
                            aliases.getOrDefault(model.projectId(), List.of())))
                    .toList());
        });
    }

    private static Model model(ResultSet rs) throws SQLException {
        return new Model(
                rs.getObject("project_id", UUID.class), rs.getString("name"), Task.valueOf(rs.getString("task")));
    }

    private ModelVersion version(ResultSet rs) throws SQLException {
        return new ModelVersion(
                rs.getInt("number"),
                rs.getObject("run_id", UUID.class),
                new ObjectLocation(rs.getString("bucket"), rs.getString("manifest_key")),
                rs.getString("manifest_sha256"),
                rs.getString("dataset_version_id"),
                rs.getInt("dataset_version"),
                rs.getString("test_digest"),
                read(rs.getString("metrics")),
                rs.getString("recipe"),
                rs.getString("backbone"),
                rs.getObject("created_at", OffsetDateTime.class).toInstant(),
                rs.getString("traceparent"));
    }

    private Map<String, Double> read(String metrics) {
        try {
            return json.readValue(metrics, METRICS);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("metrics in the database: " + metrics, e);
        }
    }

    private String write(Map<String, Double> metrics) {
        try {
            return json.writeValueAsString(metrics);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // a map of numbers always serializes
        }
    }
}
