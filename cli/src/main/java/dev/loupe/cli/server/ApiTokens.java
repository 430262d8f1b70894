package dev.loupe.cli.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.client.ServiceClient;
import dev.loupe.client.dataset.AccessApi;
import dev.loupe.client.dataset.model.NewToken;
import java.util.ArrayList;
import java.util.List;

/** API tokens, and who the caller is, over HTTP. Thread-safe. */
public final class ApiTokens {
    private final ServiceClient service;
    private final AccessApi access;
    private final String actor;

    /** @param actor who makes the requests; null: the server's default */
    ApiTokens(ServiceClient service, String actor) {
        this.service = service;
        this.access = new AccessApi(service);
        this.actor = actor;
    }

    /** Creates a token; only this response has the token itself. */
    public JsonNode create(NewToken token) {
        return service.tree(() -> access.createToken(token, actor));
    }

    /**
     * Tokens, newest first.
     *
     * @param project only those for this project alone; null: all
     * @param tenant those of this tenant; null: of the caller's
     */
    public List<JsonNode> list(String project, String tenant) {
        return Pages.items(
                service, Integer.MAX_VALUE, (cursor, limit) -> access.listTokens(cursor, limit, project, tenant));
    }

    /** @param token its name or id */
    public void revoke(String token) {
        service.call(() -> {
            access.revokeToken(token, actor);
            return null;
        });
    }

    /** The tenants, by name, and what each uses. */
    public List<JsonNode> tenants() {
        List<JsonNode> tenants = new ArrayList<>();
        service.tree(access::listTenants).path("items").forEach(tenants::add);
        return tenants;
    }

    /** Who makes the requests, and what they may do. */
    public JsonNode caller() {
        return service.tree(access::caller);
    }
}
