package dev.loupe.console;

import static dev.loupe.console.Browser.location;
import static dev.loupe.console.Browser.setCookies;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.testing.OidcProvider;
import dev.loupe.testing.OidcTestResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A gateway where persons log in, by a provider or with an API token. */
@QuarkusTest
@QuarkusTestResource(value = StandInServices.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = OidcTestResource.class, restrictToAnnotatedClass = true)
@TestProfile(LoginIT.Oidc.class)
class LoginIT {
    private static final String KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    private static final String SESSION = "__Host-loupe-session";
    private static final String HEADERS = "/api/v1/projects/headers";

    public static final class Oidc implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "loupe.auth.mode", "oidc",
                    "loupe.auth.cookie-key", KEY,
                    "loupe.console.url", Browser.ORIGIN,
                    "loupe.auth.oidc.client-id", OidcProvider.CLIENT,
                    "loupe.auth.oidc.command-client-id", OidcProvider.COMMAND_CLIENT,
                    "loupe.auth.oidc.client-secret", OidcProvider.SECRET);
        }
    }

    @TestHTTPResource
    URI gateway;

    OidcProvider provider;
    private Browser browser;

    @BeforeEach
    void open() {
        browser = new Browser(gateway);
        provider.setDown(false);
        provider.setLifetime(300);
    }

    private static String body(String token) {
        return new JsonObject().put("token", token).encode();
    }

    private void logInWithToken() throws Exception {
        assertEquals(
                204, browser.post("/auth/token", body(StandInServices.TOKEN)).statusCode());
    }

    // Tokens

    @Test
    void apiTokenStaysInACookieThatPagesCannotRead() throws Exception {
        HttpResponse<String> answer = browser.post("/auth/token", body(StandInServices.TOKEN));

        assertEquals(204, answer.statusCode());
        String cookie = setCookies(answer).getFirst();
        assertTrue(cookie.startsWith(SESSION + "="), cookie);
        for (String attribute : List.of("HTTPOnly", "Secure", "SameSite=Strict", "Path=/", "Max-Age=43")) {
            assertTrue(cookie.contains(attribute), cookie);
        }
        assertFalse(cookie.contains("Domain"), cookie);
        assertFalse(cookie.contains("loupe_a"), cookie);
        assertEquals(
                "authorization=[Bearer " + StandInServices.TOKEN + "] actor=null cookie=null",
                browser.get(HEADERS).body());
    }

    @Test
    void unknownTokenIsRefused() throws Exception {
        HttpResponse<String> answer = browser.post("/auth/token", body("loupe_" + "b".repeat(43)));

        assertEquals(401, answer.statusCode());
        assertEquals("TOKEN_REFUSED", new JsonObject(answer.body()).getString("code"));
        assertEquals(List.of(), setCookies(answer));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{", "{\"token\":7}", "{\"token\":\"abc\"}", "{\"token\":\"loupe_a\\r\\nX: y\"}"})
    void anythingButATokenIsInvalid(String body) throws Exception {
        assertEquals(400, browser.post("/auth/token", body).statusCode());
    }

    @Test
    void bodyWithoutEndIsNotRead() throws Exception {
        assertEquals(413, browser.post("/auth/token", body("x".repeat(100_000))).statusCode());
    }

    @Test
    void requestWithoutSessionIsUnauthenticated() throws Exception {
        HttpResponse<String> answer = browser.get(HEADERS);

        assertEquals(401, answer.statusCode());
        assertEquals("UNAUTHENTICATED", new JsonObject(answer.body()).getString("code"));
    }

    @Test
    void whatTheBrowserSendsAsTokenOrActorIsRemoved() throws Exception {
        HttpRequest.Builder forged = browser.request(HEADERS)
                .header("Authorization", "Bearer loupe_forged")
                .header("X-Loupe-Actor", "ann")
                .header("Sec-Fetch-Site", "same-origin");
        assertEquals(401, browser.send(forged).statusCode());

        logInWithToken();
        assertEquals(
                "authorization=[Bearer " + StandInServices.TOKEN + "] actor=null cookie=null",
                browser.send(forged).body());
    }

    @Test
    void programSendsItsOwnTokenAndNoActor() throws Exception {
        HttpRequest.Builder program =
                browser.request(HEADERS).header("Authorization", "Bearer x").header("X-Loupe-Actor", "ann");

        assertEquals(
                "authorization=[Bearer x] actor=null cookie=null",
                browser.send(program).body());
    }

    @Test
    void tokenInTheAddressIsIgnored() throws Exception {
        assertEquals(
                401,
                browser.get(HEADERS + "?access_token=" + StandInServices.TOKEN).statusCode());
        assertEquals(
                404, browser.get("/auth/token?token=" + StandInServices.TOKEN).statusCode());
    }

    // Requests of other sites

    @ParameterizedTest
    @CsvSource({
        "https://evil.example.org, cross-site",
        "https://evil.example.org, ",
        "http://loupe.example.org, same-site",
        "https://loupe.example.org.evil.example.org, cross-site",
        "https://a.loupe.example.org, same-site",
        "null, cross-site",
        ", cross-site",
        ", same-site",
        ", none",
        ", "
    })
    void changeThatIsNotOfAPageOfTheConsoleIsRefused(String origin, String site) throws Exception {
        logInWithToken();
        for (String path : List.of("/api/v1/projects/a/images", "/v2/models/x/infer", "/auth/logout", "/auth/token")) {
            for (String method : List.of("POST", "PUT", "PATCH", "DELETE")) {
                if (path.startsWith("/auth/") && !method.equals("POST")) {
                    continue;
                }
                HttpRequest.Builder request =
                        browser.request(path).method(method, BodyPublishers.ofString(body(StandInServices.TOKEN)));
                if (origin != null) {
                    request.header("Origin", origin);
                }
                if (site != null) {
                    request.header("Sec-Fetch-Site", site);
                }
                HttpResponse<String> answer = browser.send(request);

                assertEquals(403, answer.statusCode(), method + " " + path);
                assertEquals("ORIGIN_REFUSED", new JsonObject(answer.body()).getString("code"));
            }
        }
        assertEquals(200, browser.get(HEADERS).statusCode(), "the session goes on");
    }

    @Test
    void changeOfAPageOfTheConsoleArrives() throws Exception {
        logInWithToken();

        assertEquals(200, browser.post("/api/v1/projects/a/images", "{}").statusCode());
        HttpRequest.Builder withoutOrigin = browser.request("/api/v1/projects/a/images")
                .POST(BodyPublishers.ofString("{}"))
                .header("Sec-Fetch-Site", "same-origin");
        assertEquals(200, browser.send(withoutOrigin).statusCode());
    }

    // Cookies

    @Test
    void cookieOfAnotherKeyOrAnExpiredOneIsNoSession() throws Exception {
        JsonObject content = new Session(StandInServices.TOKEN, Instant.now().plusSeconds(60), null).json();
        Map<String, Integer> cookies = Map.of(
                seal(KEY, content, "session", 60),
                200,
                seal("YWJjZGVmZ2hpamFiY2RlZmdoaWphYmNkZWZnaGlqYWI=", content, "session", 60),
                401,
                seal(KEY, content, "login", 60),
                401,
                seal(KEY, content, "session", -1),
                401,
                "e30.e30",
                401);
        for (Map.Entry<String, Integer> cookie : cookies.entrySet()) {
            browser.cookies().put(SESSION, cookie.getKey());
            assertEquals(cookie.getValue(), browser.get(HEADERS).statusCode());
            assertEquals(cookie.getValue() == 200, browser.cookies().containsKey(SESSION), "a useless one is removed");
        }
    }

    private static String seal(String key, JsonObject content, String purpose, int seconds) {
        return new Seal(List.of(key)).seal(purpose, content, Instant.now().plusSeconds(seconds));
    }

    @Test
    void cookieWithoutThePrefixIsNoSession() throws Exception {
        logInWithToken();
        browser.cookies().put("loupe-session", browser.cookies().remove(SESSION));

        assertEquals(401, browser.get(HEADERS).statusCode());
    }

    // Provider

    @Test
    void personLogsInAtTheProviderAndComesBack() throws Exception {
        HttpResponse<String> back = browser.logIn("ann", "/projects/a/images%3Flabel=b");

        assertEquals(303, back.statusCode());
        assertEquals(URI.create("/projects/a/images?label=b"), location(back));
        List<String> sessions = setCookies(back).stream()
                .filter(cookie -> cookie.startsWith(SESSION))
                .toList();
        assertTrue(sessions.size() > 1, "tokens of more than 4 KiB are in several cookies: " + sessions.size());
        for (String cookie : sessions) {
            assertTrue(cookie.length() < 4_096, "length " + cookie.length());
            assertTrue(cookie.contains("HTTPOnly") && cookie.contains("SameSite=Strict") && cookie.contains("Secure"));
        }
        String headers = browser.get(HEADERS).body();
        assertTrue(headers.matches("authorization=\\[Bearer ey[^.]+\\.[^.]+\\.[^.]+] actor=null cookie=null"), headers);
    }

    @Test
    void streamIsOpenedWithTheCookie() throws Exception {
        browser.logIn("ann", "/");

        HttpResponse<String> answer = browser.get("/api/v1/runs/1/events");
        assertTrue(answer.body().startsWith("event: run\ndata: 0\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"//evil.example.org", "https://evil.example.org", "/%5Cevil.example.org", "/login"})
    void loginLeadsToNoOtherSite(String to) throws Exception {
        assertEquals(URI.create("/"), location(browser.logIn("ann", to)));
    }

    @Test
    void loginThatBeganInAnotherBrowserIsRefused() throws Exception {
        URI callback = new Browser(gateway).logInAtProvider("mallory", "/");

        assertEquals("EXPIRED", problem(browser.open(callback)));
        assertEquals(401, browser.get(HEADERS).statusCode());
    }

    @Test
    void callbackCountsOnceAndForItsOwnState() throws Exception {
        URI callback = browser.logInAtProvider("ann", "/");
        URI forged = URI.create(callback.toString().replaceFirst("state=[^&]+", "state=abc"));
        Map<String, String> begun = Map.copyOf(browser.cookies());

        assertEquals("EXPIRED", problem(browser.open(forged)));
        browser.cookies().putAll(begun);
        assertEquals(URI.create("/"), location(browser.open(callback)));
        assertEquals("EXPIRED", problem(browser.open(callback)), "what was noted is gone");
        browser.cookies().putAll(begun);
        assertEquals("PROVIDER_FAILED", problem(browser.open(callback)), "the code counts once");
    }

    @Test
    void codeOfAnotherLoginIsRefused() throws Exception {
        URI stolen = new Browser(gateway).logInAtProvider("ann", "/");
        URI own = browser.logInAtProvider("bob", "/");
        String code = stolen.getQuery().replaceFirst(".*code=([^&]+).*", "$1");
        URI mixed = URI.create(own.toString().replaceFirst("code=[^&]+", "code=" + code));

        // PKCE: the code belongs to another verifier.
        assertEquals("PROVIDER_FAILED", problem(browser.open(mixed)));
    }

    @Test
    void sessionFromBeforeTheLoginIsReplaced() throws Exception {
        logInWithToken();
        String fixed = browser.cookies().get(SESSION);

        browser.logIn("ann", "/");

        assertNotEquals(fixed, browser.cookies().get(SESSION));
        assertFalse(browser.get(HEADERS).body().contains(StandInServices.TOKEN));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "?code=a", "?state=a", "?code=a&state=b", "?error=access_denied", "?code=a&code=b&state=%00"
            })
    void callbackOfNoLoginSaysSo(String query) throws Exception {
        assertEquals("EXPIRED", problem(browser.get("/auth/callback" + query)));
    }

    @Test
    void refusalOfTheProviderIsSaid() throws Exception {
        browser.get("/auth/login?to=/");
        URI callback = browser.logInAtProvider("ann", "/projects");
        String state = callback.getQuery().replaceFirst(".*state=([^&]+).*", "$1");

        HttpResponse<String> answer = browser.get("/auth/callback?error=access_denied&state=" + state);

        assertEquals("DENIED", problem(answer));
        assertTrue(location(answer).getQuery().endsWith("to=/projects"));
    }

    @Test
    void personWhoseTokenTheServicesRefuseIsNotLoggedIn() throws Exception {
        assertEquals("REFUSED", problem(browser.logIn("mallory", "/")));
        assertEquals(401, browser.get(HEADERS).statusCode());
    }

    private static String problem(HttpResponse<?> answer) {
        assertEquals(303, answer.statusCode());
        URI location = location(answer);
        assertEquals("/login", location.getPath());
        return location.getQuery().replaceFirst("problem=([A-Z_]+).*", "$1");
    }

    // Renewal

    @Test
    void accessTokenIsRenewedBeforeItExpires() throws Exception {
        provider.setLifetime(2);
        browser.logIn("ann", "/");
        String first = browser.get(HEADERS).body();

        await().until(() -> !browser.get(HEADERS).body().equals(first));
        assertEquals(200, browser.get(HEADERS).statusCode());
    }

    @Test
    void requestsAtTheSameTimeShareOneRenewal() throws Exception {
        provider.setLifetime(2);
        browser.logIn("ann", "/");
        Map<String, String> old = Map.copyOf(browser.cookies());
        Thread.sleep(2_000);

        // The provider accepts a refresh token once.
        Callable<String> request = () -> {
            Browser tab = new Browser(gateway);
            tab.cookies().putAll(old);
            HttpResponse<String> answer = tab.get(HEADERS);
            assertEquals(200, answer.statusCode(), answer.body());
            return answer.body();
        };
        Set<String> seen = new HashSet<>();
        try (ExecutorService tabs = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<String> answer :
                    tabs.invokeAll(Stream.generate(() -> request).limit(20).toList())) {
                seen.add(answer.get());
            }
        }
        assertEquals(1, seen.size());
    }

    @Test
    void renewalDoesNotLoseTheBodyOfTheRequest() throws Exception {
        provider.setLifetime(1);
        browser.logIn("ann", "/");
        Thread.sleep(1_000);

        HttpResponse<String> answer = browser.post("/api/v1/projects/a/images", "x".repeat(500_000));

        assertEquals(200, answer.statusCode());
        assertEquals(sha256("x".repeat(500_000)), answer.body());
        assertFalse(setCookies(answer).isEmpty(), "the browser gets the renewed session");
    }

    @Test
    void personWhoseSessionTheProviderEndsMustLogInAgain() throws Exception {
        provider.setLifetime(1);
        browser.logIn("ann", "/");
        provider.endSessions();

        await().until(() -> browser.get(HEADERS).statusCode() == 401);
        assertFalse(browser.cookies().containsKey(SESSION));
    }

    @Test
    void sessionOutlivesTheProviderUntilTheAccessTokenExpires() throws Exception {
        provider.setLifetime(4);
        browser.logIn("ann", "/");
        provider.setDown(true);

        assertEquals(200, browser.get(HEADERS).statusCode());
        await().until(() -> browser.get(HEADERS).statusCode() == 503);
        assertEquals("LOGIN_UNAVAILABLE", new JsonObject(browser.get(HEADERS).body()).getString("code"));
        provider.setDown(false);
        assertEquals(200, browser.get(HEADERS).statusCode(), "the session goes on when the provider is back");
    }

    @Test
    void loginWhileTheProviderIsDownSaysSo() throws Exception {
        browser.get("/auth/login");
        URI callback = browser.logInAtProvider("ann", "/projects");
        provider.setDown(true);

        assertEquals("PROVIDER_UNAVAILABLE", problem(browser.open(callback)));
        provider.setDown(false);
    }

    // Logout

    @Test
    void logoutEndsTheSessionAndThatOfTheProvider() throws Exception {
        browser.logIn("ann", "/");

        HttpResponse<String> answer = browser.post("/auth/logout", "");

        URI location = URI.create(new JsonObject(answer.body()).getString("location"));
        assertTrue(location.toString().startsWith(provider.issuer() + "/logout?"), location.toString());
        assertTrue(location.getQuery().contains("post_logout_redirect_uri=" + Browser.ORIGIN + "/login"));
        assertEquals(Map.of(), browser.cookies());
        assertEquals(401, browser.get(HEADERS).statusCode());
    }

    @Test
    void logoutOfATokenLeadsToTheLoginPage() throws Exception {
        logInWithToken();

        HttpResponse<String> answer = browser.post("/auth/logout", "");

        assertEquals("/login", new JsonObject(answer.body()).getString("location"));
        assertEquals(Map.of(), browser.cookies());
    }

    @Test
    void pagesAndCommandsKnowHowToLogIn() throws Exception {
        JsonObject options = new JsonObject(browser.get("/auth/options").body());

        assertEquals(
                new JsonObject()
                        .put("mode", "OIDC")
                        .put("provider", true)
                        .put("issuer", provider.issuer())
                        .put("commandClientId", OidcProvider.COMMAND_CLIENT)
                        .put("scopes", new JsonArray(List.of("openid", "profile"))),
                options);
        assertEquals(404, browser.get("/auth/unknown").statusCode());
    }

    private static String sha256(String text) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII)));
    }
}
