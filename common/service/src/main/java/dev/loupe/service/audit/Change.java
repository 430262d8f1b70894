package dev.loupe.service.audit;

import java.util.UUID;

/**
 * A change, as the audit log records it.
 *
 * @param projectId the project that it is in; null: it is in none
 * @param actor who makes it
 * @param onBehalfOf for whom, if that is another one than the creator of the actor's token; null: {@link Audit} finds out
 * @param action kind of change, such as {@code alias.promote}
 * @param subject what is changed
 * @param detail details for people
 * @param before values before the change, written as JSON; null: there were none, or they are not recorded
 * @param after values after it
 */
public record Change(
        UUID projectId,
        String actor,
        String onBehalfOf,
        String action,
        String subject,
        String detail,
        Object before,
        Object after) {

    /** @param projectId null: the change is in no project, and only administrators of all projects read it */
    public static Change of(UUID projectId, String actor, String action, String subject) {
        return new Change(projectId, actor, null, action, subject, "", null, null);
    }

    /** This change with details for people. */
    public Change detail(String text) {
        return new Change(projectId, actor, onBehalfOf, action, subject, text, before, after);
    }

    /** This change with the values before and after it. They must hold no secrets. */
    public Change values(Object old, Object present) {
        return new Change(projectId, actor, onBehalfOf, action, subject, detail, old, present);
    }

    /** This change for another one, such as the author of a request that the actor decides on. */
    public Change onBehalfOf(String name) {
        return new Change(projectId, actor, name, action, subject, detail, before, after);
    }
}
