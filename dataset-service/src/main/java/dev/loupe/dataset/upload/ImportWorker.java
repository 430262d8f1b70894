package dev.loupe.dataset.upload;

import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.project.Projects;
import dev.loupe.dataset.upload.ArchiveImport.ProgressListener;
import dev.loupe.dataset.upload.ImageImport.Progress;
import dev.loupe.dataset.upload.ImageImport.Reason;
import dev.loupe.dataset.upload.ImageImport.State;
import dev.loupe.dataset.upload.ImportClaims.Claim;
import dev.loupe.dataset.upload.Importer.ArchiveWork;
import dev.loupe.dataset.upload.Importer.Prepared;
import dev.loupe.service.error.DiskFull;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.storage.StorageException;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/**
 * Runs imports in this replica. An import reads its archive from object storage, so any replica can run it, and can
 * continue it if its replica ended.
 */
@ApplicationScoped
class ImportWorker {
    private static final Logger LOG = Logger.getLogger(ImportWorker.class);
    private static final int MAX_COMMIT_SECONDS = 600;

    private final ImportClaims claims;
    private final Importer importer;
    private final Projects projects;
    private final StoredArchives archives;
    private final ImportMetrics metrics;
    private final UploadConfig config;

    private final Map<UUID, Running> running = new ConcurrentHashMap<>();
    private final ReentrantLock claiming = new ReentrantLock();
    private volatile boolean stopping;

    /** An import that a thread of this replica works on. */
    private static final class Running implements ProgressListener {
        private final Claim claim;
        private final AtomicInteger files = new AtomicInteger();
        private final AtomicLong bytes = new AtomicLong();
        private volatile int filesTotal;
        private volatile long bytesTotal;
        private volatile boolean lost;

        Running(Claim claim) {
            this.claim = claim;
        }

        @Override
        public void planned(int all, long ofBytes) {
            filesTotal = all;
            bytesTotal = ofBytes;
        }

        @Override
        public void read(int size) {
            files.incrementAndGet();
            bytes.addAndGet(size);
        }

        Progress progress() {
            return new Progress(files.get(), filesTotal, bytes.get(), bytesTotal);
        }
    }

    ImportWorker(
            ImportClaims claims,
            Importer importer,
            Projects projects,
            StoredArchives archives,
            ImportMetrics metrics,
            UploadConfig config) {
        this.claims = claims;
        this.importer = importer;
        this.projects = projects;
        this.archives = archives;
        this.metrics = metrics;
        this.config = config;
    }

    /** Extends the leases of the running imports, then starts others. */
    @Scheduled(
            every = "${loupe.upload.worker-interval:1s}",
            delayed = "${loupe.upload.worker-interval:1s}", // keep the start fast
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    @RunOnVirtualThread
    void work() {
        for (Running one : running.values()) {
            if (!claims.extend(one.claim, one.progress())) {
                one.lost = true;
            }
        }
        startWaiting();
    }

    /** Starts imports that wait, as many as this replica may run at the same time. */
    void startWaiting() {
        if (!claiming.tryLock()) {
            return; // another thread does it now
        }
        try {
            while (!stopping && running.size() < config.concurrentImports()) {
                Optional<Claim> claim = claims.next();
                if (claim.isEmpty()) {
                    return;
                }
                start(claim.get());
            }
        } finally {
            claiming.unlock();
        }
    }

    private void start(Claim claim) {
        Running one = new Running(claim);
        Running before = running.put(claim.id(), one);
        if (before != null) {
            before.lost = true; // this replica lost the claim for some time, and has it again
        }
        // A platform thread: unpacking and digests compute.
        Thread.ofPlatform().name("import-" + claim.id()).daemon().start(() -> {
            metrics.started();
            try {
                run(one);
            } finally {
                metrics.stopped();
                running.remove(claim.id(), one);
            }
        });
    }

    private void run(Running one) {
        Claim claim = one.claim;
        ImportDeadline deadline = new ImportDeadline(() -> one.lost, claim.startedAt(), config.importTimeout());
        try {
            requireFewInterruptions(claim);
            deadline.throwIfEnded();
            Project project = projects.require(claim.projectId().toString());
            try (BufferedBody archive = archives.fetch(claim.id(), claim.size(), claim.sha256())) {
                Prepared prepared = importer.prepare(
                        archive, new ArchiveWork(project, claim.options(), deadline, claims.checkpoint(claim), one));
                claims.extend(claim, one.progress());
                commit(claim, prepared);
            }
        } catch (RuntimeException e) {
            if (!one.lost) {
                endOrRetry(claim, deadline, e);
            }
        }
    }

    private void requireFewInterruptions(Claim claim) {
        if (claim.interruptions() > config.maxImportInterruptions()) {
            throw new ServiceException(
                    ErrorCode.IMPORT_INTERRUPTED,
                    "the service ended %d times while it ran this import; nothing was imported"
                            .formatted(claim.interruptions()));
        }
    }

    private void commit(Claim claim, Prepared prepared) {
        boolean succeeded = QuarkusTransaction.requiringNew()
                .timeout(MAX_COMMIT_SECONDS)
                .call(() -> {
                    if (!claims.lock(claim)) {
                        return false; // cancelled, or claimed by another replica
                    }
                    claims.succeed(claim, importer.commit(prepared, claim.actor()));
                    return true;
                });
        if (succeeded) {
            metrics.ended(State.SUCCEEDED);
            archives.delete(claim.id());
        }
    }

    private void endOrRetry(Claim claim, ImportDeadline deadline, RuntimeException e) {
        Reason reason = reason(e);
        try {
            if (reason.code().category().retryable()
                    && reason.code() != ErrorCode.IMPORT_INTERRUPTED
                    && !deadline.isOver()) {
                LOG.warnf("import %s waits to be retried: %s", claim.id(), reason.message());
                claims.release(claim, config.importRetryDelay(), reason);
            } else if (claims.fail(claim, reason)) {
                metrics.ended(State.FAILED);
                archives.delete(claim.id());
            }
        } catch (RuntimeException unreachable) {
            // The lease ends by itself, and another attempt follows.
            LOG.warnf("import %s: its end can't be stored: %s", claim.id(), unreachable.getMessage());
        }
    }

    private static Reason reason(RuntimeException e) {
        if (e instanceof ServiceException refused) {
            return new Reason(refused.code(), refused.getMessage());
        }
        if (DiskFull.isCauseOf(e)) {
            return new Reason(ErrorCode.STORAGE_FULL, DiskFull.MESSAGE);
        }
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof StorageException) {
                return new Reason(ErrorCode.STORAGE_UNAVAILABLE, "object storage does not answer as it should");
            }
            if (cause instanceof SQLException) {
                return new Reason(ErrorCode.DATABASE_UNAVAILABLE, "the database does not answer as it should");
            }
        }
        LOG.error("import failed", e);
        return new Reason(ErrorCode.INTERNAL, "internal error; see the server log");
    }

    /** Hands the running imports over to other replicas. */
    void onStop(@Observes ShutdownEvent stop) {
        stopping = true;
        for (Running one : running.values()) {
            one.lost = true;
            claims.release(one.claim, Duration.ZERO, null);
        }
    }
}
