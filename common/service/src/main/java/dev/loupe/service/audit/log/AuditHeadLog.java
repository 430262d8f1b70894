package dev.loupe.service.audit.log;

import dev.loupe.service.audit.log.AuditVerification.Head;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/**
 * Writes the end of the audit log into the service's log, where it has changed: a copy outside the database, that shows if
 * the audit log is cut later.
 */
@ApplicationScoped
class AuditHeadLog {
    private static final Logger LOG = Logger.getLogger(AuditHeadLog.class);

    private final AuditVerifier verifier;
    private volatile long logged;

    AuditHeadLog(AuditVerifier verifier) {
        this.verifier = verifier;
    }

    @Scheduled(
            every = "${loupe.audit.head-interval:1h}",
            delayed = "${loupe.audit.head-interval:1h}",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    @RunOnVirtualThread
    void log() {
        Head head = verifier.head();
        if (head.serial() != logged) {
            logged = head.serial();
            LOG.infof("the head of the audit log is %s", head);
        }
    }
}
