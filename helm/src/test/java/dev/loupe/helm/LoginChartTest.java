package dev.loupe.helm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;

/** How callers are known in an installation: auth.* of the values. */
class LoginChartTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Chart CHART = new Chart(ROOT.resolve("helm/loupe"));
    private static final Path BASE = ROOT.resolve("k8s/base/values.yaml");
    private static final Path DEMO = ROOT.resolve("helm/loupe/values-demo.yaml");
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String ISSUER = "https://keycloak.identity.svc:8443/realms/factory";

    private static List<JsonNode> render(Path values, Map<String, String> more) {
        return Chart.documents(CHART.render(List.of(values), more)).stream()
                .<JsonNode>map(document -> MAPPER.valueToTree(new Yaml().load(document)))
                .toList();
    }

    private static JsonNode find(List<JsonNode> resources, String kind, String name) {
        return resources.stream()
                .filter(one -> one.path("kind").asText().equals(kind)
                        && one.at("/metadata/name").asText().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(kind + " " + name + " is not among "
                        + resources.stream()
                                .map(one -> one.path("kind").asText() + " "
                                        + one.at("/metadata/name").asText())
                                .toList()));
    }

    /** The variables of the first container: the value, or SECRET/KEY. */
    private static Map<String, String> environment(List<JsonNode> resources, String name) {
        JsonNode pod = find(resources, "Deployment", name).at("/spec/template/spec");
        Map<String, String> variables = new TreeMap<>();
        for (JsonNode variable : pod.at("/containers/0/env")) {
            JsonNode secret = variable.at("/valueFrom/secretKeyRef");
            variables.put(
                    variable.path("name").asText(),
                    secret.isMissingNode()
                            ? variable.path("value").asText()
                            : secret.path("name").asText() + "/"
                                    + secret.path("key").asText());
        }
        return variables;
    }

    private static Map<String, String> oidc() {
        return new HashMap<>(Map.of("auth.mode", "oidc", "auth.oidc.issuer", ISSUER));
    }

    @Test
    void demonstrationHasNoLoginAndSaysSo() {
        List<JsonNode> demo = render(DEMO, Map.of());

        for (String name : List.of("dataset-service", "training-service", "inference-service", "console")) {
            assertEquals("disabled", environment(demo, "loupe-" + name).get("LOUPE_AUTH_MODE"));
        }
        assertEquals(
                "token",
                environment(
                                render(DEMO, Map.of("auth.mode", "token", "auth.login.existingSecret", "cookies")),
                                "loupe-dataset-service")
                        .get("LOUPE_AUTH_MODE"));
    }

    @Test
    void consoleHasTheKeyOfItsCookies() {
        Map<String, String> console = environment(render(BASE, Map.of()), "loupe-console");

        assertEquals("token", console.get("LOUPE_AUTH_MODE"));
        assertEquals("loupe-console/cookieKey", console.get("LOUPE_AUTH_COOKIE_KEY"));
        assertEquals("http://127.0.0.1:8090", console.get("LOUPE_CONSOLE_URL"));
        assertFalse(console.containsKey("LOUPE_AUTH_OIDC_ISSUER"));
    }

    @Test
    void servicesAndConsoleKnowTheProvider() {
        Map<String, String> values = oidc();
        values.put("auth.oidc.rolesClaim", "realm_access.roles");
        values.put("auth.oidc.tenantClaim", "organisation");
        values.put("auth.login.commandClientId", "loupe-cli");
        List<JsonNode> rendered = render(BASE, values);

        for (String name : List.of("dataset-service", "training-service", "inference-service")) {
            Map<String, String> service = environment(rendered, "loupe-" + name);
            assertEquals("oidc", service.get("LOUPE_AUTH_MODE"));
            assertEquals(ISSUER, service.get("LOUPE_AUTH_OIDC_ISSUER"));
            assertEquals("loupe", service.get("LOUPE_AUTH_OIDC_AUDIENCE"));
            assertEquals("realm_access.roles", service.get("LOUPE_AUTH_OIDC_ROLES_CLAIM"));
            assertEquals("organisation", service.get("LOUPE_AUTH_OIDC_TENANT_CLAIM"));
            assertFalse(service.containsKey("LOUPE_AUTH_OIDC_GROUPS_CLAIM"), "the service's own default");
            assertFalse(service.containsKey("LOUPE_AUTH_COOKIE_KEY"));
        }
        Map<String, String> console = environment(rendered, "loupe-console");
        assertEquals(ISSUER, console.get("LOUPE_AUTH_OIDC_ISSUER"));
        assertEquals("loupe-console", console.get("LOUPE_AUTH_OIDC_CLIENT_ID"));
        assertEquals("loupe-cli", console.get("LOUPE_AUTH_OIDC_COMMAND_CLIENT_ID"));
        assertEquals("loupe-console/clientSecret", console.get("LOUPE_AUTH_OIDC_CLIENT_SECRET"));
    }

    @Test
    void servicesAndConsoleTrustTheAuthorityOfTheProvider() {
        Map<String, String> values = oidc();
        values.put("auth.oidc.caSecret", "keycloak-ca");
        List<JsonNode> rendered = render(BASE, values);

        for (String name : List.of("dataset-service", "training-service", "inference-service", "console")) {
            assertEquals(
                    "/etc/loupe-tls/oidc/ca.crt",
                    environment(rendered, "loupe-" + name).get("LOUPE_AUTH_OIDC_CA"));
            String pod = find(rendered, "Deployment", "loupe-" + name)
                    .at("/spec/template/spec")
                    .toString();
            assertTrue(pod.contains("\"mountPath\":\"/etc/loupe-tls/oidc\""), pod);
            assertTrue(pod.contains("\"secretName\":\"keycloak-ca\""), pod);
        }
        assertFalse(environment(render(BASE, oidc()), "loupe-console").containsKey("LOUPE_AUTH_OIDC_CA"));
    }

    @Test
    void podsReachTheProvider() {
        List<JsonNode> rendered = render(BASE, oidc());

        for (String name : List.of("dataset-service", "training-service", "inference-service", "console")) {
            String egress = find(rendered, "NetworkPolicy", "loupe-" + name)
                    .at("/spec/egress")
                    .toString();
            assertTrue(egress.contains("8443") && egress.contains("\"identity\""), egress);
        }
        assertFalse(find(rendered, "NetworkPolicy", "loupe-trainer").toString().contains("identity"));
    }

    /** A request of a page has a cookie; the services know only tokens. */
    @Test
    void loginMakesTheConsoleTheOnlyWayIn() {
        List<JsonNode> rendered = render(
                BASE,
                Map.of(
                        "gateway.enabled", "true",
                        "gateway.parentRefs[0].name", "public",
                        "gateway.hostnames[0]", "loupe.example.org",
                        "gateway.grpc.hostnames[0]", "grpc.example.org",
                        "ingress.enabled", "true",
                        "ingress.host", "loupe.example.org"));

        JsonNode rules = find(rendered, "HTTPRoute", "loupe").at("/spec/rules");
        assertEquals(1, rules.size());
        assertEquals("/", rules.at("/0/matches/0/path/value").asText());
        assertEquals("loupe-console", rules.at("/0/backendRefs/0/name").asText());
        JsonNode paths = find(rendered, "Ingress", "loupe").at("/spec/rules/0/http/paths");
        assertEquals(1, paths.size());
        assertEquals("loupe-console", paths.at("/0/backend/service/name").asText());
        assertEquals(
                "https://loupe.example.org",
                environment(rendered, "loupe-console").get("LOUPE_CONSOLE_URL"));
    }

    @ParameterizedTest
    @CsvSource({
        "auth.mode, '', auth.mode is missing",
        "auth.login.existingSecret, '', auth.login.existingSecret is missing",
        "auth.mode, none, /auth/mode",
        "auth.mode, oidc, auth.oidc.issuer is missing",
        "auth.oidc.issuer, keycloak, /auth/oidc/issuer"
    })
    void refusesToRender(String key, String value, String words) {
        String refused = assertThrows(
                        IllegalStateException.class, () -> CHART.render(List.of(BASE), Map.of(key, value)))
                .getMessage();

        assertTrue(refused.contains(words), refused);
    }
}
