package dev.loupe.dataset.upload;

import dev.loupe.dataset.image.ImageIntake.Outcome;
import dev.loupe.dataset.upload.ImageImport.Progress;
import dev.loupe.dataset.upload.ImageImport.Reason;
import dev.loupe.dataset.upload.ImageImports.Finding;
import dev.loupe.dataset.upload.ImportedFiles.Added;
import dev.loupe.dataset.upload.ImportedFiles.Checkpoint;
import dev.loupe.service.tenant.TenantFence;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.Nested;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;
import org.jdbi.v3.core.qualifier.QualifiedType;
import org.jdbi.v3.core.statement.Update;
import org.jdbi.v3.json.Json;

/**
 * Distributes the unfinished imports among the replicas. A replica claims an import for the time of a lease, and extends
 * the lease while it works. If the replica ends, another one claims the import when the lease has ended. Every change
 * names the attempt, so that a replica that has lost its claim changes nothing. Thread-safe.
 */
@ApplicationScoped
class ImportClaims {
    private final Jdbi jdbi;
    private final TenantFence fence;
    private final ImageImports imports;
    private final Duration lease;

    /**
     * An import that this replica works on.
     *
     * @param attempt number of the attempt, from 1
     * @param interruptions number of attempts that ended with their replica
     * @param startedAt start of the first attempt
     */
    public record Claim(
            UUID id,
            UUID projectId,
            String actor,
            @Nested ImportOptions options,
            String sha256,
            long size,
            int attempt,
            int interruptions,
            Instant startedAt) {}

    ImportClaims(Jdbi jdbi, TenantFence fence, ImageImports imports, UploadConfig config) {
        this.jdbi = jdbi;
        this.fence = fence;
        this.imports = imports;
        this.lease = config.importLease();
    }

    /** Claims the import that has waited longest, of all tenants; empty if none waits. */
    Optional<Claim> next() {
        return fence.asOwner(() -> jdbi.withHandle(handle -> handle.createQuery("""
                        update image_import set state = 'RUNNING', attempt = attempt + 1,
                            interruptions = interruptions + case when state = 'RUNNING' then 1 else 0 end,
                            claimable_at = now() + make_interval(secs => :lease),
                            started_at = coalesce(started_at, now()), reason_code = null, reason_message = null
                        where id = (select id from image_import
                                    where state in ('QUEUED', 'RUNNING') and claimable_at <= now()
                                    order by id limit 1 for update skip locked)
                        returning *""")
                .bind("lease", lease.toMillis() / 1000.0)
                .map(ConstructorMapper.of(Claim.class))
                .findOne()));
    }

    /** Extends the lease and stores the progress; returns whether the claim is still valid. */
    boolean extend(Claim claim, Progress progress) {
        return update(claim, """
                claimable_at = now() + make_interval(secs => :lease), files_done = :done, files_total = :total,
                bytes_done = :bytesDone, bytes_total = :bytesTotal""", update -> update.bind("lease", lease.toMillis() / 1000.0)
                .bindMethods(progress));
    }

    /** Lets any replica claim the import after the delay. */
    void release(Claim claim, Duration delay, Reason reason) {
        update(
                claim,
                "state = 'QUEUED', claimable_at = now() + make_interval(secs => :delay), reason_code = :code, reason_message = :message",
                update -> update.bind("delay", delay.toMillis() / 1000.0)
                        .bind("code", reason == null ? null : reason.code())
                        .bind("message", reason == null ? null : reason.message()));
    }

    /** Ends the import; returns whether the claim was valid. */
    @Transactional
    boolean fail(Claim claim, Reason reason) {
        boolean failed = update(
                claim,
                "state = 'FAILED', finished_at = now(), reason_code = :code, reason_message = :message",
                update -> update.bindMethods(reason));
        if (failed) {
            deleteContents(claim);
        }
        return failed;
    }

    /**
     * Locks the import and its project until the caller's transaction ends; returns whether the claim is still valid.
     * The project is locked first, as by its deletion.
     */
    @Transactional(TxType.MANDATORY)
    boolean lock(Claim claim) {
        return jdbi.withHandle(handle -> {
            handle.execute("select from project where id = ? for key share", claim.projectId());
            return update(claim, "state = 'RUNNING'", update -> update);
        });
    }

    /** Ends the import with what it added, in the caller's transaction, which has locked it. */
    @Transactional(TxType.MANDATORY)
    void succeed(Claim claim, Added added) {
        update(
                claim,
                """
                state = 'SUCCEEDED', finished_at = now(), files_done = files_total, bytes_done = bytes_total,
                report = :report""",
                update -> update.bindByType(
                        "report",
                        added.report(),
                        QualifiedType.of(ImportReport.class).with(Json.class)));
        imports.addFiles(claim.id(), Finding.REFUSED, added.findings().refusals());
        imports.addFiles(claim.id(), Finding.CONFLICT, added.conflicts());
        imports.addFiles(claim.id(), Finding.IGNORED, added.findings().ignored());
        deleteContents(claim);
    }

    /** Returns the contents that earlier attempts have stored, and remembers those of this one. */
    Checkpoint checkpoint(Claim claim) {
        return new Checkpoint() {
            @Override
            public List<Outcome.Stored> load() {
                return jdbi.withHandle(
                        handle -> handle.createQuery("select * from image_import_content where import_id = :id")
                                .bind("id", claim.id())
                                .map(ConstructorMapper.of(Outcome.Stored.class))
                                .list());
            }

            @Override
            public void save(List<Outcome.Stored> contents) {
                saveContents(claim, contents);
            }
        };
    }

    private void saveContents(Claim claim, List<Outcome.Stored> contents) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into image_import_content (import_id, sha256, size, format, width, height)
                        select i.id, n.* from image_import i, unnest(:sha256::text[], :size::bigint[], :format::text[],
                            :width::bigint[], :height::bigint[]) as n
                        where i.id = :id and i.state = 'RUNNING' and i.attempt = :attempt
                        on conflict do nothing""")
                .bind("id", claim.id())
                .bind("attempt", claim.attempt())
                .bind("sha256", texts(contents, Outcome.Stored::sha256))
                .bind("size", numbers(contents, Outcome.Stored::size))
                .bind("format", texts(contents, Outcome.Stored::format))
                .bind("width", numbers(contents, content -> (long) content.width()))
                .bind("height", numbers(contents, content -> (long) content.height()))
                .execute());
    }

    private static String[] texts(List<Outcome.Stored> contents, Function<Outcome.Stored, String> value) {
        return contents.stream().map(value).toArray(String[]::new);
    }

    private static Long[] numbers(List<Outcome.Stored> contents, Function<Outcome.Stored, Long> value) {
        return contents.stream().map(value).toArray(Long[]::new);
    }

    private void deleteContents(Claim claim) {
        jdbi.useHandle(handle -> handle.execute("delete from image_import_content where import_id = ?", claim.id()));
    }

    private boolean update(Claim claim, String changes, Function<Update, Update> binding) {
        return jdbi.withHandle(handle -> binding.apply(handle.createUpdate("update image_import set " + changes
                                        + " where id = :id and state = 'RUNNING' and attempt = :attempt")
                                .bind("id", claim.id())
                                .bind("attempt", claim.attempt()))
                        .execute())
                == 1;
    }
}
