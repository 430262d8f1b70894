package dev.loupe.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SealTest {
    private static final String KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    private static final String OTHER = "YWJjZGVmZ2hpamFiY2RlZmdoaWphYmNkZWZnaGlqYWI=";
    private static final JsonObject CONTENT = new JsonObject().put("token", "loupe_secret");

    private final Seal seal = new Seal(List.of(KEY));
    private final Instant later = Instant.now().plusSeconds(60);

    @Test
    void anotherReplicaWithTheKeyOpensIt() {
        String sealed = seal.seal("session", CONTENT, later);

        assertFalse(sealed.contains("loupe_secret"));
        assertEquals(
                "loupe_secret",
                new Seal(List.of(KEY)).open("session", sealed).orElseThrow().getString("token"));
    }

    @Test
    void earlierKeyStillOpensWhileItIsReplaced() {
        String sealed = seal.seal("session", CONTENT, later);

        assertFalse(new Seal(List.of(OTHER, KEY)).open("session", sealed).isEmpty());
        assertEquals(Optional.empty(), new Seal(List.of(OTHER)).open("session", sealed));
    }

    @Test
    void changedTextIsNotOpened() {
        String sealed = seal.seal("session", CONTENT, later);
        for (int index = 0; index < sealed.length(); index++) {
            char other = sealed.charAt(index) == 'A' ? 'Q' : 'A';
            String changed = sealed.substring(0, index) + other + sealed.substring(index + 1);

            // The last character of a part has bits that Base64 ignores.
            boolean same = index + 1 == sealed.length() || sealed.charAt(index + 1) == '.';
            if (!same) {
                assertEquals(Optional.empty(), seal.open("session", changed), "changed at " + index);
            }
        }
    }

    @Test
    void expiredTextAndTextOfAnotherPurposeAreNotOpened() {
        assertEquals(
                Optional.empty(),
                seal.open("session", seal.seal("session", CONTENT, Instant.now().minusSeconds(1))));
        assertEquals(Optional.empty(), seal.open("session", seal.seal("login", CONTENT, later)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "....", "e30.e30.e30.e30.e30", "eyJhbGciOiJub25lIn0..."})
    void otherTextIsNotOpened(String text) {
        assertEquals(Optional.empty(), seal.open("session", text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "short", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5", "not base64 !"})
    void keyOfAnotherLengthIsRefused(String key) {
        List<String> keys = List.of(key);
        assertThrows(IllegalArgumentException.class, () -> new Seal(keys));
    }
}
