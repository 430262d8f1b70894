package dev.loupe.training.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.UUID;

/**
 * Computes the queue positions of all waiting runs and when each is expected to start. It assumes that the trainers
 * take the runs in {@link QueueOrder}, that each run takes as long as recent runs have taken, and that no project
 * and no tenant exceeds its quota of runs.
 *
 * @param trainers most trainers at the same time
 * @param running start times of the runs that have a trainer, by project
 * @param typical typical duration of a run; empty if none has ended yet
 * @param basis of {@code typical}, in words
 */
record QueueForecast(int trainers, Map<String, List<Instant>> running, Optional<Duration> typical, String basis) {

    /** The queue positions by run. */
    Map<UUID, QueuePlace> places(List<Waiting> waiting, Map<String, Usage> held, QueueQuotas quotas, Instant now) {
        QueueOrder order = new QueueOrder(waiting, held, quotas);
        Slots slots = new Slots(now, quotas);
        Map<UUID, QueuePlace> places = new HashMap<>();
        for (Optional<Waiting> next = order.next(); next.isPresent(); next = order.next()) {
            Waiting run = next.get();
            order.take();
            places.put(
                    run.run(),
                    new QueuePlace(
                            places.size() + 1,
                            waiting.size(),
                            reason(run, held, quotas),
                            typical.map(duration -> slots.take(run.project(), duration))
                                    .orElse(null),
                            typical.map(_ -> basis).orElse(null)));
        }
        return places;
    }

    private String reason(Waiting run, Map<String, Usage> held, QueueQuotas quotas) {
        return quotas.refusal(run, held).orElseGet(() -> {
            int busy = held.values().stream().mapToInt(Usage::runs).sum();
            return busy < trainers
                    ? "it is about to start"
                    : busy + " of " + trainers + (trainers == 1 ? " trainer is" : " trainers are") + " busy";
        });
    }

    /** Times at which trainers become free: of all projects, and of each project and tenant that has a quota of runs. */
    private final class Slots {
        private final QueueQuotas quotas;
        private final Map<String, PriorityQueue<Instant>> ofProjects = new HashMap<>();
        private final Map<String, PriorityQueue<Instant>> ofTenants = new HashMap<>();
        private final PriorityQueue<Instant> all;
        private final Instant now;

        Slots(Instant now, QueueQuotas quotas) {
            this.now = now;
            this.quotas = quotas;
            this.all = free(running.values().stream().flatMap(List::stream).toList(), trainers);
        }

        private PriorityQueue<Instant> free(List<Instant> since, int most) {
            List<Instant> ends = new ArrayList<>();
            for (Instant start : since) {
                Instant end = start.plus(typical.orElse(Duration.ZERO));
                ends.add(end.isBefore(now) ? now : end);
            }
            ends.addAll(Collections.nCopies(Math.max(0, most - ends.size()), now));
            return new PriorityQueue<>(ends);
        }

        /** Takes a slot for this project's next run and returns its start; null if a quota allows no run. */
        Instant take(String project, Duration duration) {
            Integer most = quotas.of(project).maxRuns();
            Integer mostOfTenant = quotas.ofTenantOf(project).maxRuns();
            if (isZero(most) || isZero(mostOfTenant) || all.isEmpty()) {
                return null;
            }
            List<PriorityQueue<Instant>> bounds = new ArrayList<>(List.of(all));
            if (most != null) {
                bounds.add(
                        ofProjects.computeIfAbsent(project, _ -> free(running.getOrDefault(project, List.of()), most)));
            }
            if (mostOfTenant != null) {
                bounds.add(ofTenants.computeIfAbsent(
                        quotas.tenantOf().get(project), _ -> free(runningOfTenantOf(project), mostOfTenant)));
            }
            Instant start = bounds.stream()
                    .map(PriorityQueue::peek)
                    .max(Instant::compareTo)
                    .orElseThrow();
            Instant end = start.plus(duration);
            for (PriorityQueue<Instant> bound : bounds) {
                bound.poll();
                bound.add(end);
            }
            return start;
        }

        private List<Instant> runningOfTenantOf(String project) {
            return running.entrySet().stream()
                    .filter(one -> quotas.areOfOneTenant(project, one.getKey()))
                    .flatMap(one -> one.getValue().stream())
                    .toList();
        }

        private static boolean isZero(Integer most) {
            return most != null && most == 0;
        }
    }
}
