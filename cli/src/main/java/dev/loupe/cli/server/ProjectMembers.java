package dev.loupe.cli.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.client.ServiceClient;
import dev.loupe.client.dataset.AccessApi;
import dev.loupe.client.dataset.model.Member;
import dev.loupe.client.dataset.model.MemberKind;
import java.util.ArrayList;
import java.util.List;

/** The members of projects, over HTTP. Thread-safe. */
public final class ProjectMembers {
    private final ServiceClient service;
    private final AccessApi access;
    private final String actor;

    /** @param actor who makes the requests; null: the server's default */
    ProjectMembers(ServiceClient service, String actor) {
        this.service = service;
        this.access = new AccessApi(service);
        this.actor = actor;
    }

    public List<JsonNode> list(String project) {
        List<JsonNode> members = new ArrayList<>();
        service.tree(() -> access.listMembers(project)).path("items").forEach(members::add);
        return members;
    }

    public JsonNode set(String project, Member member) {
        return service.tree(() -> access.setMember(project, member, actor));
    }

    public void remove(String project, MemberKind kind, String name) {
        service.call(() -> {
            access.removeMember(project, kind, name, actor);
            return null;
        });
    }
}
