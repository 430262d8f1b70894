package dev.loupe.cli.command;

import dev.loupe.cli.UsageException;
import dev.loupe.cli.login.CurrentToken;
import dev.loupe.cli.server.CertificateFiles;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Endpoints;
import dev.loupe.cli.server.Profile;
import dev.loupe.cli.server.Session;
import dev.loupe.client.ClientTls;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
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

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            defaultValue = "${env:LOUPE_TLS_CA}",
            description = {
                "PEM file with the authorities of an HTTPS server",
                "(default: LOUPE_TLS_CA, or that of login, or those of the Java runtime)"
            })
    private Path ca;

    @Option(
            names = "--certificate",
            paramLabel = "FILE",
            defaultValue = "${env:LOUPE_TLS_CERTIFICATE}",
            description = {
                "PEM file with a client certificate, for servers that demand one",
                "(default: LOUPE_TLS_CERTIFICATE, or that of login)"
            })
    private Path certificate;

    @Option(
            names = "--key",
            paramLabel = "FILE",
            defaultValue = "${env:LOUPE_TLS_KEY}",
            description = "PEM file with the key of --certificate (default: LOUPE_TLS_KEY, or that of login)")
    private Path key;

    @Mixin
    private OutputOptions output;

    /** Connects with the API token of the variable LOUPE_TOKEN, or with what {@code login} kept. */
    Connection connect() {
        Endpoints endpoints = endpoints();
        return connect(endpoints, token(endpoints));
    }

    private Supplier<String> token(Endpoints endpoints) {
        String named = System.getenv("LOUPE_TOKEN");
        if (named != null && !named.isBlank()) {
            if (!named.strip().matches("[\\x21-\\x7e]+")) {
                throw new UsageException("LOUPE_TOKEN: expected a token of one line, without spaces");
            }
            return named::strip;
        }
        Profile profile = Profile.ofUser();
        Optional<Session> session = profile.session(endpoints);
        if (session.isPresent()) {
            return new CurrentToken(profile, endpoints, session.get(), tls(endpoints));
        }
        String kept = profile.token(endpoints).orElse(null);
        return () -> kept;
    }

    Connection connect(Endpoints endpoints, Supplier<String> token) {
        return new Connection(endpoints, actor(), token, tls(endpoints));
    }

    /** The certificates that the options name, or else {@code login} did. */
    ClientTls tls(Endpoints endpoints) {
        return certificates().or(Profile.ofUser().certificates(endpoints)).read();
    }

    /** The files with certificates that the options name. */
    CertificateFiles certificates() {
        return new CertificateFiles(named(ca), named(certificate), named(key));
    }

    private static Path named(Path file) {
        return file == null || file.toString().isBlank() ? null : file;
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
