package dev.loupe.service.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.loupe.service.access.AccessRule.Part;
import dev.loupe.service.access.AccessRule.Reference;
import dev.loupe.service.access.AccessRule.Scope;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccessRulesTest {
    @Path("/a/{x}/b")
    static class Example {
        @GET
        @Path("/{y:[^/]+}/c/{z:.+}")
        public void get() {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void readsRolesScopesAndReferences() {
        AccessRules rules = new AccessRules("""
                # a comment

                GET /a/{x} viewer any
                POST /a admin server
                PUT /a/{x} approver run:{x} project:?p project:$a.b
                grpc p.S/M open
                """);

        assertEquals(
                new AccessRule("GET /a/{x}", Role.VIEWER, Scope.ANY, List.of()),
                rules.all().get("GET /a/{x}"));
        assertEquals(
                new AccessRule("POST /a", Role.ADMIN, Scope.SERVER, List.of()),
                rules.all().get("POST /a"));
        assertEquals(
                new AccessRule(
                        "PUT /a/{x}",
                        Role.APPROVER,
                        Scope.PROJECT,
                        List.of(
                                new Reference("run", Part.PATH, "x"),
                                new Reference("project", Part.QUERY, "p"),
                                new Reference("project", Part.BODY, "a.b"))),
                rules.all().get("PUT /a/{x}"));
        assertEquals(true, rules.ofGrpc("p.S/M").orElseThrow().isOpen());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /a",
                "GET /a viewer",
                "GET /a owner any",
                "GET /a viewer project:x",
                "GET /a viewer any\nGET /a admin any"
            })
    void refusesWhatIsNoRule(String text) {
        assertThrows(IllegalArgumentException.class, () -> new AccessRules(text));
    }

    @Test
    void namesAnOperationByItsTemplate() throws NoSuchMethodException {
        assertEquals("GET /a/{x}/b/{y}/c/{z}", AccessRules.operation(Example.class.getMethod("get")));
    }
}
