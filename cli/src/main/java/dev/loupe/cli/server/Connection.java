package dev.loupe.cli.server;

/** The way to a running Loupe. Thread-safe; nothing is sent before it is asked for. */
public final class Connection implements AutoCloseable {
    private final Http http = new Http();
    private final Endpoints endpoints;
    // Made when first asked for: most commands do without gRPC, whose start takes a moment.
    private Predictions predictions;

    public Connection(Endpoints endpoints) {
        this.endpoints = endpoints;
    }

    public Endpoints endpoints() {
        return endpoints;
    }

    public Datasets datasets() {
        return new Datasets(http, endpoints.dataset());
    }

    public Training training() {
        return new Training(http, endpoints.training());
    }

    public Models models() {
        return new Models(http, endpoints.inference());
    }

    public synchronized Predictions predictions() {
        if (predictions == null) {
            predictions = new Predictions(endpoints.grpc());
        }
        return predictions;
    }

    @Override
    public synchronized void close() {
        if (predictions != null) {
            predictions.close();
        }
        http.close();
    }
}
