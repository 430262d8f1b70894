package dev.loupe.cli.server;

import dev.loupe.client.ClientTls;
import dev.loupe.client.LoupeClient;
import dev.loupe.client.Predictions;
import java.util.function.Supplier;

/** The way to a running Loupe, as commands use it. Thread-safe; nothing is sent before it is asked for. */
public final class Connection implements AutoCloseable {
    private final Endpoints endpoints;
    private final LoupeClient client;
    private final String actor;

    /** Without a token. */
    public Connection(Endpoints endpoints) {
        this(endpoints, null, () -> null, ClientTls.DEFAULT);
    }

    /**
     * @param actor who makes the requests; null: the server's default
     * @param token is asked for the token of each request, by several threads; null from it: none
     * @param tls certificates of connections to HTTPS addresses
     */
    public Connection(Endpoints endpoints, String actor, Supplier<String> token, ClientTls tls) {
        this.actor = actor;
        this.endpoints = endpoints;
        this.client = new LoupeClient(
                endpoints.dataset(), endpoints.training(), endpoints.inference(), endpoints.grpc(), token, tls);
    }

    public Endpoints endpoints() {
        return endpoints;
    }

    public Datasets datasets() {
        return new Datasets(client.dataset());
    }

    public ApiTokens tokens() {
        return new ApiTokens(client.dataset(), actor);
    }

    public ProjectMembers members() {
        return new ProjectMembers(client.dataset(), actor);
    }

    public AuditLogs auditLogs() {
        return new AuditLogs(client);
    }

    public Limits limits() {
        return new Limits(client.dataset(), actor);
    }

    public Findings findings() {
        return new Findings(client.dataset());
    }

    public Training training() {
        return new Training(client.training());
    }

    public ImportedModels importedModels() {
        return new ImportedModels(client.training());
    }

    public Models models() {
        return new Models(client.inference(), actor);
    }

    public Canaries canaries() {
        return new Canaries(client.inference(), actor);
    }

    public Webhooks webhooks() {
        return new Webhooks(client.inference(), actor);
    }

    public PredictionLog predictionLog() {
        return new PredictionLog(client.inference(), actor);
    }

    public Predictions predictions() {
        return client.predictions();
    }

    @Override
    public void close() {
        client.close();
    }
}
