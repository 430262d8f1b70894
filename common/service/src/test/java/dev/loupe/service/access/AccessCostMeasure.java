package dev.loupe.service.access;

import dev.loupe.service.limit.RequestLimits;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.OidcProvider;
import dev.loupe.testing.OidcTestResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Measures what a service computes to know a caller and to apply a limit: processor time of one thread, which other load of
 * the machine does not change much. Run by {@code ./loupe bench access} and by no test.
 */
@QuarkusTest
@QuarkusTestResource(
        value = DevstackTestResource.class,
        initArgs = @ResourceArg(name = "schema", value = "service_library"))
@QuarkusTestResource(value = OidcTestResource.class, restrictToAnnotatedClass = true)
@TestProfile(AccessCostMeasure.Oidc.class)
class AccessCostMeasure {
    private static final String PERSON = "ann";
    private static final int CHECKS = 20_000;
    private static final int ROUNDS = 7;

    OidcProvider provider;

    @Inject
    Authenticator authenticator;

    @Inject
    TokenDirectory tokens;

    @Inject
    RequestLimits limits;

    /** With limits that refuse no request. */
    public static final class Oidc implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "loupe.auth.mode", "oidc",
                    "loupe.auth.oidc.audience", OidcProvider.AUDIENCE,
                    "loupe.auth.oidc.keys-pause", "0s",
                    "loupe.limits.project.requests-per-second", "1000000",
                    "loupe.limits.token.requests-per-second", "1000000");
        }
    }

    @Test
    void processorTimeOfACheck() {
        String apiToken = TokenText.draw();
        Instant now = Instant.now();
        tokens.apply(new ApiToken(
                UUID.randomUUID(),
                "camera",
                TokenText.sha256(apiToken),
                Role.VIEWER,
                null,
                "ann",
                now,
                now.plus(1, ChronoUnit.DAYS),
                null,
                1));
        tokens.refresh();
        provider.setRoles(PERSON, "loupe-viewer");
        String accessToken = provider.accessToken(PERSON);
        UUID project = UUID.randomUUID();

        print("API token", () -> authenticator.authenticate(List.of("Bearer " + apiToken)));
        print("access token", () -> authenticator.authenticate(List.of("Bearer " + accessToken)));
        print("limits of a token and its project", () -> {
            limits.admitCaller("token:camera");
            limits.admitProject(project);
        });
    }

    private static void print(String what, Runnable check) {
        ThreadMXBean thread = ManagementFactory.getThreadMXBean();
        double[] microseconds = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            long begin = thread.getCurrentThreadCpuTime();
            for (int i = 0; i < CHECKS; i++) {
                check.run();
            }
            microseconds[round] = (thread.getCurrentThreadCpuTime() - begin) / 1e3 / CHECKS;
        }
        Arrays.sort(microseconds);
        System.out.printf(
                Locale.ROOT,
                "BENCH check of %s: %.2f us of processor time (%.2f to %.2f)%n",
                what,
                microseconds[ROUNDS / 2],
                microseconds[0],
                microseconds[ROUNDS - 1]);
    }
}
