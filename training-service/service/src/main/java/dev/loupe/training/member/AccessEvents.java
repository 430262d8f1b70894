package dev.loupe.training.member;

import dev.loupe.events.v1.ApiTokenChanged;
import dev.loupe.events.v1.ProjectMembersChanged;
import dev.loupe.events.v1.RequestLimitChanged;
import dev.loupe.events.v1.TenantLimitChanged;
import dev.loupe.service.access.ApiToken;
import dev.loupe.service.access.Member;
import dev.loupe.service.access.MemberDirectory;
import dev.loupe.service.access.MemberKind;
import dev.loupe.service.access.Role;
import dev.loupe.service.access.TokenDirectory;
import dev.loupe.service.inbox.EventConsumer.Handler;
import dev.loupe.service.limit.LimitKind;
import dev.loupe.service.limit.RequestLimit;
import dev.loupe.service.limit.RequestLimitDirectory;
import dev.loupe.service.limit.TenantLimit;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.UUID;

/** Learns API tokens, the members of projects, and limits of requests from the events of dataset-service. */
@ApplicationScoped
public class AccessEvents {
    private final TokenDirectory directory;
    private final MemberDirectory members;
    private final RequestLimitDirectory limits;

    AccessEvents(TokenDirectory directory, MemberDirectory members, RequestLimitDirectory limits) {
        this.limits = limits;
        this.directory = directory;
        this.members = members;
    }

    /** The handler of changes of tokens; {@link #finish} must follow. */
    public Handler<ApiTokenChanged> tokens() {
        return new Handler<>("dev.loupe.api-token-changed.v1", ApiTokenChanged.parser(), this::apply);
    }

    /** The handler of changes of members; {@link #finish} must follow. */
    public Handler<ProjectMembersChanged> members() {
        return new Handler<>(
                "dev.loupe.project-members-changed.v1",
                ProjectMembersChanged.parser(),
                event -> members.apply(
                        UUID.fromString(event.getProjectId()),
                        event.getRevision(),
                        event.getMembersList().stream()
                                .map(member -> new Member(
                                        MemberKind.valueOf(member.getKind()),
                                        member.getName(),
                                        Role.valueOf(member.getRole())))
                                .toList()));
    }

    /** The handler of changes of limits of projects and tokens; {@link #finish} must follow. */
    public Handler<RequestLimitChanged> limits() {
        return new Handler<>(
                "dev.loupe.request-limit-changed.v1",
                RequestLimitChanged.parser(),
                event -> limits.apply(new RequestLimit(
                        UUID.fromString(event.getId()),
                        LimitKind.valueOf(event.getKind()),
                        event.getRequestsPerSecond() == 0 ? null : event.getRequestsPerSecond(),
                        event.getRevision())));
    }

    /** The handler of changes of limits of tenants; {@link #finish} must follow. */
    public Handler<TenantLimitChanged> tenantLimits() {
        return new Handler<>(
                "dev.loupe.tenant-limit-changed.v1",
                TenantLimitChanged.parser(),
                event -> limits.apply(new TenantLimit(
                        event.getTenant(),
                        event.getRequestsPerSecond() == 0 ? null : event.getRequestsPerSecond(),
                        event.getRevision())));
    }

    private void apply(ApiTokenChanged event) {
        directory.apply(new ApiToken(
                UUID.fromString(event.getId()),
                event.getName(),
                event.getSha256(),
                Role.valueOf(event.getRole()),
                event.getProjectId().isEmpty() ? null : UUID.fromString(event.getProjectId()),
                event.getCreatedBy(),
                Instant.ofEpochMilli(event.getCreatedAt()),
                time(event.getExpiresAt()),
                time(event.getRevokedAt()),
                event.getRevision()));
    }

    private static Instant time(long millis) {
        return millis == 0 ? null : Instant.ofEpochMilli(millis);
    }

    /** Makes a change count in this replica, after its transaction. */
    public void finish() {
        directory.refreshIfStale();
        members.refreshIfStale();
        limits.refreshIfStale();
    }
}
