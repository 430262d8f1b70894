package dev.loupe.cli.command;

import dev.loupe.cli.UsageException;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Endpoints;
import dev.loupe.cli.server.Profile;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of all commands that call a running Loupe. */
public final class ServerOptions {

    @Option(
            names = "--server",
            paramLabel = "ADDRESS",
            defaultValue = "${env:LOUPE_SERVER}",
            description = {
                "address of Loupe: one address of a gateway, or",
                "dataset=URL,training=URL,inference=URL,grpc=HOST:PORT (grpc=https://HOST:PORT for TLS)",
                "(default: LOUPE_SERVER, or the one that ./loupe up started)"
            })
    private String server;

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            defaultValue = "${sys:loupe.data}",
            description = "data folder of the ./loupe up to use (default: .loupe beside the script)")
    private Path data;

    @Option(
            names = "--actor",
            paramLabel = "NAME",
            defaultValue = "${env:LOUPE_ACTOR}",
            description = "who makes the request, for promotions and their history (default: LOUPE_ACTOR, or local)")
    private String actor;

    @Mixin
    private OutputOptions output;

    /** Connects with the API token of the variable LOUPE_TOKEN, or the one of {@code login}. */
    Connection connect() {
        Endpoints endpoints = endpoints();
        String token = System.getenv("LOUPE_TOKEN");
        return connect(
                endpoints,
                token == null || token.isBlank()
                        ? Profile.ofUser().token(endpoints).orElse(null)
                        : token.strip());
    }

    Connection connect(Endpoints endpoints, String token) {
        return new Connection(endpoints, actor(), token);
    }

    Endpoints endpoints() {
        if (server != null && !server.isBlank()) {
            return Endpoints.parse(server);
        }
        if (data == null) {
            throw new UsageException("no server is named: use --server or the variable LOUPE_SERVER");
        }
        return Endpoints.load(data);
    }

    private String actor() {
        return actor == null || actor.isBlank() ? null : actor.strip();
    }

    Output output() {
        return output.output();
    }
}
