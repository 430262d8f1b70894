package dev.loupe.cli.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.client.ServiceClient;
import dev.loupe.client.dataset.LimitsApi;
import dev.loupe.client.dataset.model.NewProjectLimits;
import dev.loupe.client.dataset.model.NewTenantLimits;
import dev.loupe.client.dataset.model.TokenLimits;

/** The limits of projects, API tokens and tenants, over HTTP. Thread-safe. */
public final class Limits {
    private final ServiceClient service;
    private final LimitsApi limits;
    private final String actor;

    /** @param actor who makes the requests; null: the server's default */
    Limits(ServiceClient service, String actor) {
        this.service = service;
        this.limits = new LimitsApi(service);
        this.actor = actor;
    }

    public JsonNode ofProject(String project) {
        return service.tree(() -> limits.getProjectLimits(project));
    }

    public JsonNode setOfProject(String project, NewProjectLimits changed) {
        return service.tree(() -> limits.setProjectLimits(project, changed, actor));
    }

    public JsonNode ofTenant(String tenant) {
        return service.tree(() -> limits.getTenantLimits(tenant));
    }

    public JsonNode setOfTenant(String tenant, NewTenantLimits changed) {
        return service.tree(() -> limits.setTenantLimits(tenant, changed, actor));
    }

    public JsonNode ofToken(String token) {
        return service.tree(() -> limits.getTokenLimits(token));
    }

    public JsonNode setOfToken(String token, Double requestsPerSecond) {
        return service.tree(
                () -> limits.setTokenLimits(token, new TokenLimits().requestsPerSecond(requestsPerSecond), actor));
    }
}
