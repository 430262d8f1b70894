package dev.loupe.service.audit.log;

import java.time.Instant;
import java.util.UUID;

/**
 * Which entries of the audit log are asked for.
 *
 * @param projects only those of these projects; null: all, and those of none
 * @param actor only those by this one; null: any
 * @param action what the action begins with; null: any
 * @param subject what the subject begins with; null: any
 * @param from null: the first ones too
 * @param to before this time; null: until now
 */
record AuditFilter(UUID[] projects, String actor, String action, String subject, Instant from, Instant to) {}
