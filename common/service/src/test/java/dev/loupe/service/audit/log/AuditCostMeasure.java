package dev.loupe.service.audit.log;

import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.testing.DevstackTestResource;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/**
 * Measures what the chain costs: changes in a second, with and without it, side by side. Run by {@code ./loupe bench access}
 * and by no test.
 */
@QuarkusTest
@QuarkusTestResource(
        value = DevstackTestResource.class,
        initArgs = @ResourceArg(name = "schema", value = "service_library"))
class AuditCostMeasure {
    private static final int CHANGES = 4_000;

    @Inject
    Audit audit;

    @Inject
    AuditVerifier verifier;

    @Inject
    Jdbi jdbi;

    @Test
    void changesInASecond() {
        jdbi.useHandle(handle -> System.out.println("BENCH fsync "
                + handle.createQuery("show fsync").mapTo(String.class).one()));
        for (int round = 0; round < 3; round++) {
            for (int threads : new int[] {1, 8}) {
                for (String state : new String[] {"disable", "enable"}) {
                    jdbi.useHandle(handle -> handle.execute("alter table audit " + state + " trigger audit_chained"));
                    System.out.printf("BENCH threads %d, chain %sd: %.0f changes/s%n", threads, state, rate(threads));
                }
            }
        }
        long start = System.nanoTime();
        long entries = verifier.verify(null).entries();
        System.out.printf("BENCH verified %.0f entries/s%n", entries / ((System.nanoTime() - start) / 1e9));
    }

    private double rate(int threads) {
        long start = System.nanoTime();
        CompletableFuture.allOf(IntStream.range(0, threads)
                        .mapToObj(_ -> CompletableFuture.runAsync(
                                () -> IntStream.range(0, CHANGES / threads)
                                        .forEach(_ -> QuarkusTransaction.requiringNew()
                                                .run(() -> audit.record(Change.of(null, "ann", "note.change", "a note")
                                                        .values(1, 2)))),
                                task -> Thread.ofVirtual().start(task)))
                        .toArray(CompletableFuture[]::new))
                .join();
        return CHANGES / ((System.nanoTime() - start) / 1e9);
    }
}
