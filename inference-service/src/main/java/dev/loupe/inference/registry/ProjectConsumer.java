package dev.loupe.inference.registry;

import dev.loupe.events.v1.ProjectChanged;
import dev.loupe.inference.member.AccessEvents;
import dev.loupe.service.inbox.EventConsumer;
import dev.loupe.service.inbox.EventConsumer.Handler;
import io.smallrye.common.annotation.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;

/**
 * Renames and deletes models when their projects are renamed or deleted. Replicas see it at the next reconciliation.
 */
@ApplicationScoped
class ProjectConsumer {
    private static final Logger LOG = Logger.getLogger(ProjectConsumer.class);
    static final String TYPE = "dev.loupe.project-changed.v1";

    private final EventConsumer events;
    private final ProjectRepository projects;
    private final Replica replica;
    private final Handler<ProjectChanged> changed;
    private final AccessEvents access;

    ProjectConsumer(EventConsumer events, ProjectRepository projects, Replica replica, AccessEvents access) {
        this.changed = new Handler<>(TYPE, ProjectChanged.parser(), this::apply);
        this.access = access;
        this.events = events;
        this.projects = projects;
        this.replica = replica;
    }

    @Incoming("projects")
    @Blocking
    CompletionStage<Void> on(Message<byte[]> message) {
        CompletionStage<Void> done = events.accept(
                message, changed, access.tokens(), access.members(), access.limits(), access.tenantLimits());
        access.finish();
        replica.refresh();
        return done;
    }

    private void apply(ProjectChanged change) {
        if (projects.apply(UUID.fromString(change.getProjectId()), change)) {
            LOG.infof("project '%s' %s", change.getName(), change.getDeleted() ? "deleted" : "renamed");
        }
    }
}
