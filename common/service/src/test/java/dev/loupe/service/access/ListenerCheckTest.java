package dev.loupe.service.access;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListenerCheckTest {
    private static void start(Map<String, String> settings) {
        var config = new SmallRyeConfigBuilder()
                .withMapping(AuthConfig.class)
                .withConverter(Duration.class, 200, new DurationConverter())
                .withDefaultValues(new HashMap<>(settings))
                .build();
        new ListenerCheck(config.getConfigMapping(AuthConfig.class), config).onStart(new StartupEvent());
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1,127.0.0.1", "localhost,127.0.0.1", "[::1],::1", "127.1.2.3,localhost"})
    void startsWithoutAuthenticationOnLoopbackAddresses(String http, String grpc) {
        assertDoesNotThrow(() -> start(Map.of("quarkus.http.host", http, "quarkus.grpc.server.host", grpc)));
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0,127.0.0.1,quarkus.http.host",
        "127.0.0.1,0.0.0.0,quarkus.grpc.server.host",
        "127.0.0.1,::,quarkus.grpc.server.host",
        "10.0.0.7,localhost,quarkus.http.host"
    })
    void refusesToStartWithoutAuthenticationWhereOthersReachIt(String http, String grpc, String named) {
        Map<String, String> hosts = Map.of("quarkus.http.host", http, "quarkus.grpc.server.host", grpc);

        IllegalStateException refusal = assertThrows(IllegalStateException.class, () -> start(hosts));

        assertTrue(refusal.getMessage().contains(named), refusal.getMessage());
        Map<String, String> accepted = new HashMap<>(hosts);
        accepted.put("loupe.auth.insecure", "true");
        assertDoesNotThrow(() -> start(accepted));
        Map<String, String> tokens = new HashMap<>(hosts);
        tokens.put("loupe.auth.mode", "token");
        assertDoesNotThrow(() -> start(tokens));
    }

    @Test
    void refusesToStartWithATokenInPlaceOfItsHash() {
        assertThrows(
                IllegalStateException.class,
                () -> start(Map.of(
                        "quarkus.http.host", "127.0.0.1",
                        "loupe.auth.mode", "token",
                        "loupe.auth.admin-token-sha256", TokenText.draw())));
    }

    @Test
    void rolesIncludeThoseBelow() {
        for (Role role : Role.values()) {
            for (Role other : Role.values()) {
                assertEquals(role.ordinal() >= other.ordinal(), role.includes(other), role + " " + other);
            }
        }
    }
}
