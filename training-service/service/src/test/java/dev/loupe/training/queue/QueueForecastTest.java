package dev.loupe.training.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class QueueForecastTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final Optional<Duration> MINUTE = Optional.of(Duration.ofMinutes(1));

    private static Waiting run(int number, String project) {
        return new Waiting(new UUID(0, number), project, 0, 1);
    }

    @Test
    void theTrainersTakeTheRunsOneAfterTheOther() {
        QueueForecast forecast = new QueueForecast(
                2, Map.of("a", List.of(NOW.minusSeconds(15), NOW.minusSeconds(45))), MINUTE, "the last 5 runs");
        List<Waiting> waiting = List.of(run(1, "a"), run(2, "a"), run(3, "a"));

        Map<UUID, QueuePlace> places =
                forecast.places(waiting, Map.of("a", new Usage(2, 2)), QueueQuotas.ofProjects(Map.of()), NOW);

        assertEquals(
                new QueuePlace(1, 3, "2 of 2 trainers are busy", NOW.plusSeconds(15), "the last 5 runs"),
                places.get(new UUID(0, 1)));
        assertEquals(NOW.plusSeconds(45), places.get(new UUID(0, 2)).estimatedStart());
        assertEquals(NOW.plusSeconds(75), places.get(new UUID(0, 3)).estimatedStart());
    }

    @Test
    void aProjectAtItsQuotaWaitsForItsOwnRunsAlthoughATrainerIsFree() {
        QueueForecast forecast = new QueueForecast(3, Map.of("a", List.of(NOW.minusSeconds(20))), MINUTE, "basis");

        QueuePlace place = forecast.places(
                        List.of(run(1, "a")),
                        Map.of("a", new Usage(1, 1)),
                        QueueQuotas.ofProjects(Map.of("a", new Quota(1, null, 1))),
                        NOW)
                .get(new UUID(0, 1));

        assertEquals(NOW.plusSeconds(40), place.estimatedStart());
        assertTrue(place.reason().contains("1 of the project's 1 runs"), place.reason());
    }

    @Test
    void aTenantAtItsQuotaWaitsForTheRunsOfAllItsProjects() {
        QueueForecast forecast = new QueueForecast(3, Map.of("a", List.of(NOW.minusSeconds(20))), MINUTE, "basis");
        QueueQuotas quotas = new QueueQuotas(
                Map.of(), Map.of("acme", new Quota(1, null, 1)), Map.of("a", "acme", "b", "acme", "c", "birch"));

        Map<UUID, QueuePlace> places = forecast.places(
                List.of(run(1, "b"), run(2, "a"), run(3, "c")), Map.of("a", new Usage(1, 1)), quotas, NOW);

        QueuePlace first = places.get(new UUID(0, 1));
        assertEquals(NOW.plusSeconds(40), first.estimatedStart());
        assertTrue(first.reason().contains("1 of the tenant's 1 runs"), first.reason());
        assertEquals(NOW.plusSeconds(100), places.get(new UUID(0, 2)).estimatedStart());
        assertEquals(NOW, places.get(new UUID(0, 3)).estimatedStart());
    }

    @Test
    void withoutExperienceThereIsNoEstimate() {
        QueuePlace place = new QueueForecast(1, Map.of(), Optional.empty(), "")
                .places(List.of(run(1, "a")), Map.of(), QueueQuotas.ofProjects(Map.of()), NOW)
                .get(new UUID(0, 1));

        assertNull(place.estimatedStart());
        assertNull(place.basis());
        assertEquals("it is about to start", place.reason());
    }
}
