package dev.loupe.cli.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.client.ServiceClient;
import dev.loupe.client.inference.WebhooksApi;
import dev.loupe.client.inference.model.NewWebhook;
import java.util.List;

/** The webhooks of projects, over HTTP. Thread-safe. */
public final class Webhooks {
    private final ServiceClient service;
    private final WebhooksApi webhooks;
    private final String actor;

    /** @param actor who makes the requests; null: the server's default */
    Webhooks(ServiceClient service, String actor) {
        this.service = service;
        this.webhooks = new WebhooksApi(service);
        this.actor = actor;
    }

    public JsonNode get(String project) {
        return service.tree(() -> webhooks.webhook(project));
    }

    public JsonNode set(String project, String url, String secret) {
        NewWebhook webhook = new NewWebhook().url(url).secret(secret);
        return service.tree(() -> webhooks.setWebhook(project, webhook, actor));
    }

    public void delete(String project) {
        service.call(() -> {
            webhooks.deleteWebhook(project, actor);
            return null;
        });
    }

    /** Sends a test, and returns how it went. */
    public JsonNode test(String project) {
        return service.tree(() -> webhooks.testWebhook(project));
    }

    /** Deliveries, newest first. */
    public List<JsonNode> deliveries(String project, int most) {
        return Pages.items(service, most, (cursor, limit) -> webhooks.webhookDeliveries(project, cursor, limit));
    }
}
