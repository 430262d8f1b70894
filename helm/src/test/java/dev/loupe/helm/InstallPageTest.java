package dev.loupe.helm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/**
 * The installation with OpenID Connect on the install page: its values are rendered, and agree with what it creates at
 * Keycloak and as Secrets. KeycloakIT runs the commands of Keycloak.
 */
class InstallPageTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Chart CHART = new Chart(ROOT.resolve("helm/loupe"));
    private static final Path PAGE = ROOT.resolve("docs/guides/install.md");
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final List<String> SERVICES = List.of("dataset-service", "training-service", "inference-service");

    @TempDir
    private Path folder;

    private String section;
    private List<Path> values;
    private JsonNode oidc;

    @BeforeEach
    void readThePage() throws IOException {
        String page = Files.readString(PAGE);
        section = page.substring(page.indexOf("### With OpenID Connect"), page.indexOf("## Reached from outside"));
        values = List.of(file(page, "my-values.yaml"), file(section, "oidc-values.yaml"));
        oidc = MAPPER.valueToTree(new Yaml().load(Files.readString(values.getLast())));
    }

    /** Writes the block whose first line names the file. */
    private Path file(String text, String name) throws IOException {
        Matcher block = Pattern.compile("^```yaml\\n(# " + name + "\\n.*?)^```", Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(text);
        assertTrue(block.find(), name);
        return Files.writeString(folder.resolve(name), block.group(1));
    }

    private List<JsonNode> render() {
        return Chart.documents(CHART.render(values, Map.of())).stream()
                .<JsonNode>map(document -> MAPPER.valueToTree(new Yaml().load(document)))
                .toList();
    }

    private static JsonNode variable(List<JsonNode> rendered, String deployment, String name) {
        for (JsonNode resource : rendered) {
            if (resource.path("kind").asText().equals("Deployment")
                    && resource.at("/metadata/name").asText().equals("loupe-" + deployment)) {
                for (JsonNode variable : resource.at("/spec/template/spec/containers/0/env")) {
                    if (variable.path("name").asText().equals(name)) {
                        return variable;
                    }
                }
            }
        }
        throw new AssertionError(deployment + " has no " + name);
    }

    private String value(List<JsonNode> rendered, String deployment, String name) {
        return variable(rendered, deployment, name).path("value").asText();
    }

    /** The clients that the page creates at Keycloak. */
    private List<JsonNode> clients() throws IOException {
        List<JsonNode> clients = new ArrayList<>();
        Matcher body = Pattern.compile("<<END\\n(.*?)^END$", Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(section);
        while (body.find()) {
            clients.add(MAPPER.readTree(body.group(1)));
        }
        return clients;
    }

    @Test
    void servicesAndConsoleGetTheProviderOfThePage() {
        List<JsonNode> rendered = render();

        for (String service : SERVICES) {
            assertEquals("oidc", value(rendered, service, "LOUPE_AUTH_MODE"));
            assertEquals(
                    "https://keycloak.example.org/realms/factory", value(rendered, service, "LOUPE_AUTH_OIDC_ISSUER"));
            assertEquals("realm_access.roles", value(rendered, service, "LOUPE_AUTH_OIDC_ROLES_CLAIM"));
        }
        assertEquals("https://loupe.example.org", value(rendered, "console", "LOUPE_CONSOLE_URL"));
        assertEquals("loupe-cli", value(rendered, "console", "LOUPE_AUTH_OIDC_COMMAND_CLIENT_ID"));
        assertEquals(
                SERVICES.size() + 1,
                rendered.stream()
                        .filter(one -> one.path("kind").asText().equals("NetworkPolicy")
                                && one.at("/spec/egress").toString().contains("203.0.113.7/32"))
                        .count(),
                "policies that let a pod reach the provider");
    }

    @Test
    void secretOfThePageHasTheKeysThatTheConsoleReads() {
        List<JsonNode> rendered = render();

        for (String name : List.of("LOUPE_AUTH_COOKIE_KEY", "LOUPE_AUTH_OIDC_CLIENT_SECRET")) {
            JsonNode secret = variable(rendered, "console", name).at("/valueFrom/secretKeyRef");
            assertTrue(section.contains(
                    "create secret generic " + secret.path("name").asText() + " "));
            assertTrue(
                    Pattern.compile("--from-(literal|file)="
                                    + secret.path("key").asText() + "=")
                            .matcher(section)
                            .find(),
                    secret.toString());
        }
    }

    @Test
    void clientsAtKeycloakAreThoseOfTheValues() throws IOException {
        List<JsonNode> clients = clients();
        JsonNode login = oidc.at("/auth/login");
        String url = login.path("url").asText();

        assertEquals(
                List.of(login.path("clientId"), login.path("commandClientId")),
                clients.stream().map(client -> client.path("clientId")).toList());
        assertEquals(
                url + "/auth/callback", clients.getFirst().at("/redirectUris/0").asText());
        assertEquals(
                url + "/login",
                clients.getFirst()
                        .path("attributes")
                        .path("post.logout.redirect.uris")
                        .asText());
        for (JsonNode client : clients) {
            assertEquals(
                    oidc.at("/auth/oidc/audience"),
                    client.at("/protocolMappers/0/config").path("included.custom.audience"));
        }
    }

    /** The page about access shows the same installation. */
    @Test
    void valuesOfThePageAboutAccessAreTheSame() throws IOException {
        Matcher block = Pattern.compile("^```yaml\\n(auth:.*?)^```", Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(Files.readString(ROOT.resolve("docs/guides/security.md")));
        assertTrue(block.find());
        JsonNode other = MAPPER.valueToTree(new Yaml().load(block.group(1)));

        assertEquals(oidc, other);
    }

    /** Control of the tests above: a key that the chart does not have is refused. */
    @Test
    void misspeltKeyIsRefused() throws IOException {
        Files.writeString(
                values.getLast(), Files.readString(values.getLast()).replace("commandClientId", "commandClientID"));

        String refused = assertThrows(IllegalStateException.class, this::render).getMessage();

        assertTrue(refused.contains("commandClientID"), refused);
    }
}
