package dev.loupe.training.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdmissionTest {
    private static final Map<String, Usage> NOTHING = Map.of();
    private static final QueueQuotas NO_QUOTAS = QueueQuotas.ofProjects(Map.of());

    private final List<Waiting> waiting = new ArrayList<>();

    private UUID ask(String project, int priority, int gpus) {
        UUID id = new UUID(0, waiting.size());
        waiting.add(new Waiting(id, project, priority, gpus));
        return id;
    }

    @Test
    void whoAskedFirstGoesFirst() {
        List<UUID> asked = List.of(ask("a", 0, 1), ask("a", 0, 1), ask("a", 0, 1));

        assertEquals(asked.subList(0, 2), Admission.choose(waiting, NOTHING, NO_QUOTAS, 2));
    }

    @Test
    void priorityComesBeforeFairness() {
        UUID low = ask("idle", 0, 1);
        UUID high = ask("busy", 5, 1);
        UUID higher = ask("busy", 9, 1);

        assertEquals(
                List.of(higher, high, low), Admission.choose(waiting, Map.of("busy", new Usage(3, 3)), NO_QUOTAS, 6));
    }

    @Test
    void amongEqualsTheProjectThatHoldsLeastGoesFirst() {
        UUID busy = ask("busy", 0, 1);
        UUID idle = ask("idle", 0, 1);
        UUID idleAgain = ask("idle", 0, 1);

        // busy holds one already; after idle's first both hold one, and busy asked earlier.
        assertEquals(
                List.of(idle, busy, idleAgain),
                Admission.choose(waiting, Map.of("busy", new Usage(1, 1)), NO_QUOTAS, 4));
    }

    @Test
    void aTrainerCountsByItsGpus() {
        UUID large = ask("large", 0, 4);
        UUID largeAgain = ask("large", 0, 4);
        List<UUID> small = List.of(ask("small", 0, 1), ask("small", 0, 1), ask("small", 0, 1), ask("small", 0, 1));

        List<UUID> chosen = Admission.choose(waiting, NOTHING, NO_QUOTAS, 6);

        assertEquals(large, chosen.getFirst());
        assertEquals(small, chosen.subList(1, 5), "four of one GPU for one of four");
        assertEquals(largeAgain, chosen.getLast());
    }

    @Test
    void aProjectOfTwiceTheWeightGetsTwiceAsMuch() {
        for (int i = 0; i < 30; i++) {
            ask("heavy", 0, 1);
            ask("light", 0, 1);
        }
        List<UUID> chosen = Admission.choose(
                waiting, NOTHING, QueueQuotas.ofProjects(Map.of("heavy", new Quota(null, null, 2))), 30);

        assertEquals(
                20, chosen.stream().filter(id -> project(id).equals("heavy")).count());
    }

    @Test
    void atItsQuotaAProjectWaitsAndOthersPass() {
        ask("a", 0, 2);
        UUID second = ask("b", 0, 1);

        QueueQuotas byRuns = QueueQuotas.ofProjects(Map.of("a", new Quota(1, null, 1)));
        assertEquals(List.of(second), Admission.choose(waiting, Map.of("a", new Usage(1, 1)), byRuns, 9));
        QueueQuotas byGpus = QueueQuotas.ofProjects(Map.of("a", new Quota(null, 2, 1)));
        assertEquals(List.of(second), Admission.choose(waiting, Map.of("a", new Usage(1, 1)), byGpus, 9));
    }

    @Test
    void noRunOvertakesOneOfItsProjectThatWaitsForQuota() {
        ask("a", 5, 4);
        ask("a", 0, 1);

        assertEquals(
                List.of(),
                Admission.choose(
                        waiting,
                        Map.of("a", new Usage(1, 1)),
                        QueueQuotas.ofProjects(Map.of("a", new Quota(null, 4, 1))),
                        9),
                "the small one would fit, and the large one would starve");
    }

    @Test
    void theProjectsOfATenantShareItsQuotaAndOthersPass() {
        UUID first = ask("a", 0, 1);
        ask("b", 0, 1);
        UUID other = ask("c", 0, 1);
        Map<String, String> tenants = Map.of("a", "acme", "b", "acme", "c", "birch");

        for (Quota quota : List.of(new Quota(2, null, 1), new Quota(null, 2, 1))) {
            QueueQuotas quotas = new QueueQuotas(Map.of(), Map.of("acme", quota), tenants);
            assertEquals(List.of(first, other), Admission.choose(waiting, Map.of("b", new Usage(1, 1)), quotas, 9));
        }
    }

    @Test
    void noRunOvertakesOneOfItsTenantThatWaitsForItsQuota() {
        ask("a", 5, 4);
        ask("b", 0, 1);
        UUID other = ask("c", 0, 1);
        QueueQuotas quotas = new QueueQuotas(
                Map.of(), Map.of("acme", new Quota(null, 4, 1)), Map.of("a", "acme", "b", "acme", "c", "birch"));

        assertEquals(List.of(other), Admission.choose(waiting, Map.of("b", new Usage(1, 1)), quotas, 9));
    }

    @Test
    void aProjectAtItsOwnQuotaDoesNotKeepItsTenantFromStarting() {
        ask("a", 5, 1);
        UUID second = ask("b", 0, 1);
        QueueQuotas quotas = new QueueQuotas(
                Map.of("a", new Quota(1, null, 1)),
                Map.of("acme", new Quota(2, null, 1)),
                Map.of("a", "acme", "b", "acme"));

        assertEquals(List.of(second), Admission.choose(waiting, Map.of("a", new Usage(1, 1)), quotas, 9));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void noQuotaIsExceededAndNoRunWaitsWithoutReason(long seed) {
        Random random = new Random(seed);
        Map<String, Quota> quotas = new HashMap<>();
        Map<String, Usage> held = new HashMap<>();
        for (int project = 0; project < 6; project++) {
            quotas.put("p" + project, new Quota(random.nextInt(5), random.nextInt(8), 1 + random.nextInt(3)));
        }
        for (int i = 0; i < 200; i++) {
            ask("p" + random.nextInt(8), random.nextInt(3), random.nextInt(3));
        }
        int trainers = 5 + random.nextInt(60);

        List<UUID> chosen = Admission.choose(waiting, held, QueueQuotas.ofProjects(quotas), trainers);

        assertEquals(chosen.size(), new HashSet<>(chosen).size());
        assertTrue(chosen.size() <= trainers);
        for (UUID id : chosen) {
            Waiting run = waiting.get((int) id.getLeastSignificantBits());
            held.merge(run.project(), Usage.NONE.plus(run.gpus()), (before, _) -> before.plus(run.gpus()));
        }
        held.forEach((project, usage) -> {
            Quota quota = quotas.getOrDefault(project, Quota.NONE);
            assertTrue(quota.maxRuns() == null || usage.runs() <= quota.maxRuns(), project + " " + usage);
            assertTrue(quota.maxGpus() == null || usage.gpus() <= quota.maxGpus(), project + " " + usage);
        });
        if (chosen.size() < trainers) {
            waiting.stream()
                    .filter(run -> !chosen.contains(run.run()))
                    .forEach(run -> assertFalse(
                            headOf(run, chosen).equals(run)
                                    && quotas.getOrDefault(run.project(), Quota.NONE)
                                            .refusal(
                                                    held.getOrDefault(run.project(), Usage.NONE), run.gpus(), "project")
                                            .isEmpty(),
                            run + " could have started"));
        }
    }

    @Test
    void quotasThatMakeNoSenseAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Quota(-1, null, 1));
        assertThrows(IllegalArgumentException.class, () -> new Quota(null, -1, 1));
        assertThrows(IllegalArgumentException.class, () -> new Quota(null, null, 0));
        assertThrows(IllegalArgumentException.class, () -> new Quota(null, null, Double.NaN));
    }

    /** The run of the same project whose turn is first, of those that wait on. */
    private Waiting headOf(Waiting run, List<UUID> chosen) {
        return waiting.stream()
                .filter(other -> other.project().equals(run.project()) && !chosen.contains(other.run()))
                .min((one, other) -> one.priority() != other.priority()
                        ? Integer.compare(other.priority(), one.priority())
                        : one.run().compareTo(other.run()))
                .orElseThrow();
    }

    private String project(UUID id) {
        return waiting.get((int) id.getLeastSignificantBits()).project();
    }
}
