package dev.loupe.console;

import dev.loupe.tls.TlsAuthorities;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.ConfigProvider;

/** Requests with the cookies and headers of a browser that shows pages of {@link #ORIGIN}; it follows no redirects. */
final class Browser {
    /** The address of the console; a proxy in front of the gateway would answer it. */
    static final String ORIGIN = "https://loupe.example.org";

    private final HttpClient http = client();
    private final URI gateway;
    private final Map<String, String> cookies = new LinkedHashMap<>();

    Browser(URI gateway) {
        this.gateway = gateway;
    }

    /** Knows the authority of the provider. */
    private static HttpClient client() {
        TlsAuthorities provider = ConfigProvider.getConfig()
                .getOptionalValue("loupe.auth.oidc.ca", Path.class)
                .map(file -> new TlsAuthorities("provider", file))
                .orElse(null);
        return HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .sslContext(TlsAuthorities.context(provider, null))
                .build();
    }

    Map<String, String> cookies() {
        return cookies;
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path).GET().header("Sec-Fetch-Site", "same-origin"));
    }

    HttpResponse<String> post(String path, String json) throws IOException, InterruptedException {
        return send(request(path)
                .POST(BodyPublishers.ofString(json))
                .header("Content-Type", "application/json")
                .header("Origin", ORIGIN)
                .header("Sec-Fetch-Site", "same-origin"));
    }

    /** A request without the headers that tell a page, for tests that set others. */
    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(gateway.resolve(path));
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        if (!cookies.isEmpty()) {
            request.setHeader(
                    "Cookie",
                    cookies.entrySet().stream()
                            .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                            .collect(Collectors.joining("; ")));
        }
        HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
        setCookies(answer).forEach(this::keep);
        return answer;
    }

    static List<String> setCookies(HttpResponse<?> answer) {
        return answer.headers().allValues("Set-Cookie");
    }

    private void keep(String cookie) {
        String[] pair = cookie.substring(0, cookie.indexOf(';')).split("=", 2);
        if (cookie.contains("Max-Age=0;") || cookie.endsWith("Max-Age=0")) {
            cookies.remove(pair[0]);
        } else {
            cookies.put(pair[0], pair[1]);
        }
    }

    /** Logs in on the provider's page and returns the address of the console that it leads to, without opening it. */
    URI logInAtProvider(String person, String to) throws IOException, InterruptedException {
        HttpResponse<String> begun = get("/auth/login?to=" + to);
        URI form = location(begun);
        HttpResponse<String> page = http.send(HttpRequest.newBuilder(form).build(), BodyHandlers.ofString());
        if (!page.body().contains("Log in to the factory")) {
            throw new AssertionError(page.body());
        }
        HttpResponse<String> back = http.send(
                HttpRequest.newBuilder(form)
                        .POST(BodyPublishers.ofString("name=" + person + "&password=" + person))
                        .build(),
                BodyHandlers.ofString());
        return location(back);
    }

    /** The whole login of a person. */
    HttpResponse<String> logIn(String person, String to) throws IOException, InterruptedException {
        return open(logInAtProvider(person, to));
    }

    /** Opens an address of the console that another site leads to. */
    HttpResponse<String> open(URI address) throws IOException, InterruptedException {
        return send(request(address.getRawPath() + "?" + address.getRawQuery())
                .GET()
                .header("Sec-Fetch-Site", "cross-site"));
    }

    static URI location(HttpResponse<?> answer) {
        return URI.create(answer.headers().firstValue("Location").orElseThrow());
    }
}
