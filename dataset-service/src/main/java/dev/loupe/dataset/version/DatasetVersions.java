package dev.loupe.dataset.version;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.contracts.Split;
import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.quality.Warning;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.PageRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;

/** The frozen versions in the database. */
@ApplicationScoped
class DatasetVersions {
    private final Jdbi jdbi;
    private final ObjectMapper json;

    DatasetVersions(Jdbi jdbi, ObjectMapper json) {
        this.jdbi = jdbi;
        this.json = json;
    }

    DatasetVersion require(Project project, int number) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select * from dataset_version where project_id = :project and number = :number")
                .bind("project", project.id())
                .bind("number", number)
                .map((rs, _) -> read(rs))
                .findOne()
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.DATASET_VERSION_NOT_FOUND,
                        "project '" + project.name() + "' has no version " + number)));
    }

    /** Lists versions, ordered by number. */
    List<DatasetVersion> list(Project project, PageRequest page) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select * from dataset_version where project_id = :project and number > :after
                        order by number limit :limit""")
                .bind("project", project.id())
                .bind("after", after(page))
                .bind("limit", page.limit() + 1)
                .map((rs, _) -> read(rs))
                .list());
    }

    private static int after(PageRequest page) {
        try {
            return page.after().isEmpty() ? 0 : Integer.parseInt(page.after());
        } catch (NumberFormatException e) {
            throw new ServiceException(ErrorCode.INVALID_CURSOR, "cursor: not one that an earlier page gave", e);
        }
    }

    /** Returns the number of the project's next version. The caller must have locked the project. */
    int next(Project project) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select coalesce(max(number), 0) + 1 from dataset_version where project_id = :project")
                .bind("project", project.id())
                .mapTo(Integer.class)
                .one());
    }

    /** Adds a version and the references that protect its objects from deletion. */
    @Transactional(TxType.MANDATORY)
    void insert(Project project, DatasetVersion version, Collection<String> objects) {
        jdbi.useHandle(handle -> {
            handle.createUpdate("""
                            insert into dataset_version (id, project_id, number, digest, test_digest, manifest_size,
                                                         seed, note, classes, counts, warnings, created_at)
                            values (:id, :project, :number, :digest, :testDigest, :manifestSize,
                                    :seed, :note, :classes, :counts::jsonb, :warnings::jsonb, :createdAt)""")
                    .bind("id", version.id())
                    .bind("project", project.id())
                    .bind("number", version.number())
                    .bind("digest", version.digest())
                    .bind("testDigest", version.testDigest())
                    .bind("manifestSize", version.manifestSize())
                    .bind("seed", version.seed())
                    .bind("note", version.note())
                    .bind("classes", version.classes().toArray(String[]::new))
                    .bind("counts", write(version.counts()))
                    .bind("warnings", write(version.warnings()))
                    .bind("createdAt", version.createdAt().atOffset(ZoneOffset.UTC))
                    .execute();
            handle.createUpdate("insert into version_object (sha256, version_id) select unnest(:objects), :version")
                    .bind("objects", objects.toArray(String[]::new))
                    .bind("version", version.id())
                    .execute();
        });
    }

    private DatasetVersion read(ResultSet rs) throws SQLException {
        return new DatasetVersion(
                rs.getObject("id", UUID.class),
                rs.getInt("number"),
                rs.getString("digest"),
                rs.getString("test_digest"),
                rs.getLong("manifest_size"),
                rs.getLong("seed"),
                rs.getString("note"),
                List.of((String[]) rs.getArray("classes").getArray()),
                read(rs.getString("counts"), new TypeReference<Map<Split, Map<String, Integer>>>() {}),
                read(rs.getString("warnings"), new TypeReference<List<Warning>>() {}),
                rs.getObject("created_at", OffsetDateTime.class).toInstant());
    }

    private <T> T read(String text, TypeReference<T> type) {
        try {
            return json.readValue(text, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // our own records always serialize
        }
    }

    private String write(Object value) {
        try {
            return json.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // our own records always deserialize
        }
    }
}
