package dev.loupe.dataset.upload;

import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.upload.ImageImport.State;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.tenant.TenantFence;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;
import org.jdbi.v3.core.qualifier.QualifiedType;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.json.Json;

/** The imports in the database, as clients see them. {@link ImportClaims} changes the running ones. */
@ApplicationScoped
class ImageImports {
    /** An import with the columns of its nested records. */
    static final String SELECT = "select *, files_done as done, files_total as total from image_import ";

    private static final int BATCH = 1_000;

    private final Jdbi jdbi;
    private final TenantFence fence;
    private final UploadConfig config;

    /** Why a file is listed for an import. */
    enum Finding {
        REFUSED,
        CONFLICT,
        IGNORED
    }

    /**
     * An entry of the list of files of an import.
     *
     * @param number position in the list, from 1
     */
    record Listed<T>(int number, T entry) {}

    ImageImports(Jdbi jdbi, TenantFence fence, UploadConfig config) {
        this.jdbi = jdbi;
        this.fence = fence;
        this.config = config;
    }

    /**
     * Adds an import of an archive that is stored.
     *
     * @throws ServiceException {@code QUEUE_FULL} if too many imports are unfinished; {@code PROJECT_NOT_FOUND} if the
     *     project was deleted
     */
    @Transactional(TxType.MANDATORY)
    ImageImport insert(UUID id, Project project, BufferedBody archive, ImportOptions options, String actor) {
        return jdbi.withHandle(handle -> {
            int unfinished = fence.asOwner(
                    () -> handle.createQuery("select count(*) from image_import where state in ('QUEUED', 'RUNNING')")
                            .mapTo(Integer.class)
                            .one());
            if (unfinished >= config.maxUnfinishedImports()) {
                throw new ServiceException(
                        ErrorCode.QUEUE_FULL,
                        "%d imports are waiting or running, the limit of loupe.upload.max-unfinished-imports; retry later"
                                .formatted(unfinished));
            }
            // The lock makes a concurrent deletion of the project wait, or finds no project any more.
            int inserted = handle.createUpdate("""
                            insert into image_import (id, project_id, actor, label, relabel, products, sha256, size)
                            select :id, p.id, :actor, :label, :relabel, :products, :sha256, :size
                            from project p where p.id = :project for key share""")
                    .bind("id", id)
                    .bind("actor", actor)
                    .bind("label", options.label())
                    .bind("relabel", options.relabel())
                    .bind("products", options.products())
                    .bind("sha256", archive.sha256())
                    .bind("size", archive.size())
                    .bind("project", project.id())
                    .execute();
            if (inserted == 0) {
                throw new ServiceException(ErrorCode.PROJECT_NOT_FOUND, "project '" + project.name() + "' was deleted");
            }
            return require(project, id.toString());
        });
    }

    /** Returns the import; throws {@code IMPORT_NOT_FOUND} if the project has no import with this id. */
    ImageImport require(Project project, String id) {
        return jdbi.withHandle(handle -> handle.createQuery(SELECT + "where project_id = :project and id::text = :id")
                .bind("project", project.id())
                .bind("id", id)
                .map(ConstructorMapper.of(ImageImport.class))
                .findOne()
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.IMPORT_NOT_FOUND,
                        "project '" + project.name() + "' has no import " + QuotedInput.of(id))));
    }

    /** Lists imports, the newest first. */
    List<ImageImport> list(Project project, PageRequest page) {
        return jdbi.withHandle(handle -> handle.createQuery(SELECT + """
                        where project_id = :project and (:after = '' or id::text < :after)
                        order by id desc limit :limit""")
                .bind("project", project.id())
                .bind("after", page.after())
                .bind("limit", page.limit() + 1)
                .map(ConstructorMapper.of(ImageImport.class))
                .list());
    }

    /** Lists files of an import in the order in which they were found. */
    <T> List<Listed<T>> files(ImageImport of, Finding kind, Class<T> type, PageRequest page) {
        QualifiedType<T> json = QualifiedType.of(type).with(Json.class);
        return jdbi.withHandle(handle -> {
            var column = handle.getConfig(org.jdbi.v3.core.mapper.ColumnMappers.class)
                    .findFor(json)
                    .orElseThrow();
            return handle.createQuery("""
                            select number, entry from image_import_file
                            where import_id = :id and kind = :kind and number > :after
                            order by number limit :limit""")
                    .bind("id", of.id())
                    .bind("kind", kind)
                    .bind("after", page.afterNumber())
                    .bind("limit", page.limit() + 1)
                    .map((rs, context) -> new Listed<>(rs.getInt("number"), column.map(rs, "entry", context)))
                    .list();
        });
    }

    /** Adds files to the list of an import, in the caller's transaction. */
    void addFiles(UUID id, Finding kind, List<?> entries) {
        jdbi.useHandle(handle -> {
            for (int start = 0; start < entries.size(); start += BATCH) {
                PreparedBatch batch = handle.prepareBatch("""
                        insert into image_import_file (import_id, kind, number, entry)
                        values (:id, :kind, :number, :entry)""");
                for (int i = start; i < Math.min(start + BATCH, entries.size()); i++) {
                    batch.bind("id", id)
                            .bind("kind", kind)
                            .bind("number", i + 1)
                            .bindByType(
                                    "entry",
                                    entries.get(i),
                                    QualifiedType.of(entries.get(i).getClass()).with(Json.class))
                            .add();
                }
                batch.execute();
            }
        });
    }

    /**
     * Cancels an import; one that is cancelled already stays so.
     *
     * @throws ServiceException {@code IMPORT_FINISHED} if it has ended in another state
     */
    @Transactional
    ImageImport cancel(Project project, String id) {
        ImageImport before = require(project, id);
        jdbi.useHandle(
                handle -> handle.createUpdate("""
                        update image_import set state = 'CANCELLED', finished_at = now(), reason_code = null
                        where id = :id and state in ('QUEUED', 'RUNNING')""").bind("id", before.id()).execute());
        ImageImport after = require(project, id);
        if (after.state() != State.CANCELLED) {
            throw new ServiceException(
                    ErrorCode.IMPORT_FINISHED,
                    "import " + id + " is " + after.state() + ": there is nothing to cancel");
        }
        return after;
    }
}
