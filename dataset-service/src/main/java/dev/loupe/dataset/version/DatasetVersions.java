package dev.loupe.dataset.version;

import dev.loupe.dataset.project.Project;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.PageRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.Collection;
import java.util.List;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;

/** The frozen versions in the database. */
@ApplicationScoped
class DatasetVersions {
    private static final RowMapper<DatasetVersion> VERSION = ConstructorMapper.of(DatasetVersion.class);

    private final Jdbi jdbi;

    DatasetVersions(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    DatasetVersion require(Project project, int number) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select * from dataset_version where project_id = :project and number = :number")
                .bind("project", project.id())
                .bind("number", number)
                .map(VERSION)
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
                .bind("after", page.afterNumber())
                .bind("limit", page.limit() + 1)
                .map(VERSION)
                .list());
    }

    /** Takes the number of the project's next version. Numbers of deleted versions are not used again. */
    @Transactional(TxType.MANDATORY)
    int next(Project project) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "update project set last_version = last_version + 1 where id = :project returning last_version")
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
                                    :seed, :note, :classes, :counts, :warnings, :createdAt)""")
                    .bind("project", project.id())
                    .bindMethods(version)
                    .bindArray("classes", String.class, version.classes())
                    .execute();
            handle.createUpdate("insert into version_object (sha256, version_id) select unnest(:objects), :version")
                    .bind("objects", objects.toArray(String[]::new))
                    .bind("version", version.id())
                    .execute();
        });
    }
}
