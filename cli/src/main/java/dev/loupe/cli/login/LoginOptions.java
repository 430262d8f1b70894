package dev.loupe.cli.login;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.server.Endpoints;
import dev.loupe.cli.server.Json;
import dev.loupe.client.ClientTls;
import dev.loupe.tls.TlsAuthorities;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The provider where persons log in, and the name of the command line there.
 *
 * @param issuer the provider
 * @param clientId the command line's name at the provider
 * @param scopes what a login asks for
 */
public record LoginOptions(String issuer, String clientId, List<String> scopes) {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final List<String> SCOPES = List.of("openid", "profile");
    private static final String BY_TOKEN = ": log in with an API token: ./loupe login --token";

    public LoginOptions {
        scopes = List.copyOf(scopes);
        requireAddress(issuer);
        if (clientId.isBlank()) {
            throw new CommandException("expected the name of the command line at " + issuer + ", got nothing");
        }
    }

    private static void requireAddress(String issuer) {
        URI address;
        try {
            address = new URI(issuer);
        } catch (URISyntaxException _) {
            throw new CommandException(
                    "the provider: expected an address such as https://login.example.org/realms/factory");
        }
        if (address.getHost() == null || !("https".equals(address.getScheme()) || isLoopback(address))) {
            throw new CommandException("the provider " + address
                    + ": expected an https address: over http, others could read the session");
        }
    }

    /** Whether the address is one of this machine, over http. */
    private static boolean isLoopback(URI address) {
        return "http".equals(address.getScheme())
                && Set.of("localhost", "127.0.0.1", "[::1]").contains(address.getHost());
    }

    /** Options of a server without a console. */
    public LoginOptions(String issuer, String clientId) {
        this(issuer, clientId, SCOPES);
    }

    /**
     * Asks the console of a server.
     *
     * @throws CommandException if persons can't log in there by a provider, or it can't be asked
     */
    public static LoginOptions of(Endpoints server, ClientTls tls) {
        URI address = URI.create(server.dataset() + "/auth/options");
        if (!"https".equals(address.getScheme()) && !isLoopback(address)) {
            throw new CommandException(server.dataset()
                    + ": expected an https address to ask for the provider: over http, others could name theirs");
        }
        JsonNode options = get(address, tls);
        switch (options.path("mode").asText()) {
            case "DISABLED" ->
                throw new CommandException(
                        server.dataset() + " does not authenticate callers: commands need no login there");
            case "TOKEN" -> throw new CommandException(server.dataset() + " has no OpenID Connect provider" + BY_TOKEN);
            case "OIDC" -> {}
            default -> throw unknown(address);
        }
        if (!options.hasNonNull("commandClientId") || !options.hasNonNull("issuer")) {
            throw new CommandException(server.dataset()
                    + " names no client of its provider for the command line (loupe.auth.oidc.command-client-id)"
                    + BY_TOKEN);
        }
        List<String> scopes = new ArrayList<>();
        options.path("scopes").forEach(scope -> scopes.add(scope.asText()));
        return new LoginOptions(
                options.path("issuer").asText(), options.path("commandClientId").asText(), scopes);
    }

    private static JsonNode get(URI address, ClientTls tls) {
        try (HttpClient http = HttpClient.newBuilder()
                .connectTimeout(TIMEOUT)
                .sslContext(TlsAuthorities.context(tls.authorities(), tls.identity()))
                .build()) {
            HttpRequest request =
                    HttpRequest.newBuilder(address).timeout(TIMEOUT).build();
            HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw unknown(address);
            }
            return Json.read(answer.body());
        } catch (com.fasterxml.jackson.core.JsonProcessingException _) {
            throw unknown(address);
        } catch (IOException e) {
            throw new CommandException(address + ": no answer: " + reason(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }

    private static CommandException unknown(URI address) {
        return new CommandException(
                address + " does not say how persons log in: is --server the address of the console? Else name the"
                        + " provider with --issuer and --client-id, or use an API token: ./loupe login --token");
    }

    /** The message of an error, or its name if it has none. */
    static String reason(IOException failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }
}
