package dev.loupe.training.dataset;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;

/** The dataset versions that this service has received events about. */
@ApplicationScoped
public class FrozenVersions {
    private final Jdbi jdbi;

    FrozenVersions(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Returns a version of the project, which is given by id or name.
     *
     * @param number number of the version; null: the newest
     * @throws ServiceException {@code DATASET_VERSION_NOT_FOUND} if this service does not know it (yet)
     */
    public FrozenVersion require(String project, Integer number) {
        return find(project, number, false)
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.DATASET_VERSION_NOT_FOUND,
                        "project '" + project + "': expected a frozen dataset version"
                                + (number == null ? "" : " " + number) + ", and "
                                + find(project, null, false)
                                        .map(newest -> "the newest that is known here is " + newest.number())
                                        .orElse("none is known here")
                                + "; if it was frozen a moment ago, retry in a second"));
    }

    /**
     * Returns a version for a new run. {@code RunTransitions} excludes that it is deleted before the run exists.
     *
     * @param number number of the version; null: the newest
     * @throws ServiceException {@code DATASET_VERSION_NOT_FOUND}; {@code PROJECT_ARCHIVED}
     */
    public FrozenVersion requireForRun(String project, Integer number) {
        FrozenVersion version = require(project, number);
        boolean archived = jdbi.withHandle(
                handle -> handle.createQuery("select exists (select from project where id = :id and archived)")
                        .bind("id", version.projectId())
                        .mapTo(Boolean.class)
                        .one());
        if (archived) {
            throw new ServiceException(
                    ErrorCode.PROJECT_ARCHIVED,
                    "project '%1$s' is archived and takes no new runs; to train, unarchive it first: PATCH /api/v1/projects/%1$s with {\"archived\": false}"
                            .formatted(version.projectName()));
        }
        return version;
    }

    /**
     * Returns the newest version of the project, which is given by id or name. It may be a deleted one.
     *
     * @throws ServiceException {@code PROJECT_NOT_FOUND}
     */
    public FrozenVersion requireProject(String project) {
        return findProject(project).orElseThrow(() -> unknownProject(project));
    }

    /** As {@link #requireProject}; empty if this service does not know the project. */
    public Optional<FrozenVersion> findProject(String project) {
        return find(project, null, true);
    }

    /** The error for a project that this service does not know. */
    public static ServiceException unknownProject(String project) {
        return new ServiceException(
                ErrorCode.PROJECT_NOT_FOUND,
                "no frozen dataset version of a project " + QuotedInput.of(project)
                        + " is known here: there is no such project, or it has never been frozen");
    }

    /** Returns the version with this id, which must be known; a deleted one too. */
    public FrozenVersion get(UUID id) {
        return jdbi.withHandle(handle -> handle.createQuery("select * from dataset_version where id = :id")
                .bind("id", id)
                .mapTo(FrozenVersion.class)
                .one());
    }

    /** Adds a version. A known version stays unchanged, and a version of a deleted project is ignored. */
    void add(FrozenVersion version) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into dataset_version (id, project_id, project_name, task, number, manifest_bucket,
                            manifest_key, manifest_sha256, train_images, dev_images, test_images, classes, class_count,
                            test_digest)
                        select :id, :projectId, coalesce((select name from project where id = :projectId), :projectName),
                            :task, :number, :bucket, :key, :sha256, :trainImages, :devImages, :testImages, '{}'::text[],
                            :classes, :testDigest
                        where not exists (select from project where id = :projectId and deleted)
                        on conflict do nothing""")
                .bindMethods(version)
                .bind("task", version.task().name())
                .bind("bucket", version.manifest().bucket())
                .bind("key", version.manifest().key())
                .bind("sha256", version.manifest().sha256())
                .execute());
    }

    private Optional<FrozenVersion> find(String project, Integer number, boolean deleted) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select * from dataset_version
                        where (project_name = :project or project_id::text = lower(:project)
                               or project_id = (select project_id from project_former_name where name = :project))
                          and not exists (select from project p where p.id = project_id and p.deleted)
                          and (:number::integer is null or number = :number)
                          and (:deleted or deleted_at is null)
                        order by number desc limit 1""")
                .bind("project", project)
                .bind("number", number)
                .bind("deleted", deleted)
                .mapTo(FrozenVersion.class)
                .findOne());
    }
}
