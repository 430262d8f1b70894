package dev.loupe.inference.traffic;

import dev.loupe.events.v1.RolloutChanged;
import dev.loupe.inference.registry.Announcement;
import dev.loupe.inference.registry.Model;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.outbox.Outbox;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.util.Locale;

/** Records changes of rollouts in the audit log, publishes and announces them, all in the transaction of the change. */
@ApplicationScoped
class RolloutLog {
    private final Audit audit;
    private final Outbox outbox;
    private final Event<Announcement> announcements;

    RolloutLog(Audit audit, Outbox outbox, Event<Announcement> announcements) {
        this.audit = audit;
        this.outbox = outbox;
        this.announcements = announcements;
    }

    /**
     * @param actor who has changed it; {@link Rollouts#ACTOR} if its bounds have
     */
    void changed(Model model, Rollout rollout, String actor) {
        audit.record(Change.of(
                        model.projectId(),
                        actor,
                        "rollout." + rollout.state().name().toLowerCase(Locale.ROOT),
                        "models/" + model.name() + "/aliases/" + rollout.alias() + "/canary/rollout")
                .detail("step %d of %d: candidate version %d, weight %s; %s"
                        .formatted(
                                rollout.step() + 1,
                                rollout.plan().steps().size(),
                                rollout.candidate(),
                                rollout.weight(),
                                rollout.message())));
        outbox.add(
                "loupe.models",
                model.projectId().toString(),
                "dev.loupe.rollout-changed.v1",
                RolloutChanged.newBuilder()
                        .setProjectId(model.projectId().toString())
                        .setProjectName(model.name())
                        .setAlias(rollout.alias())
                        .setCandidate(rollout.candidate())
                        .setRevision(rollout.revision())
                        .setState(rollout.state().name())
                        .setStep(rollout.step())
                        .setSteps(rollout.plan().steps().size())
                        .setWeight(rollout.weight())
                        .setMessage(rollout.message())
                        .setActor(actor)
                        .build()
                        .toByteArray());
        announcements.fire(new Announcement(model, "rollout-changed", "rollout", rollout));
    }
}
