package dev.loupe.training.queue;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Chooses the waiting runs that get a trainer now. */
final class Admission {
    private Admission() {}

    /**
     * @param waiting waiting runs, in the order of submission
     * @param held what the trainers of each project hold
     * @param trainers most trainers at the same time
     * @return the chosen runs in queue order; no run exceeds the quota of its project or its tenant
     */
    static List<UUID> choose(Collection<Waiting> waiting, Map<String, Usage> held, QueueQuotas quotas, int trainers) {
        int free = trainers - held.values().stream().mapToInt(Usage::runs).sum();
        QueueOrder order = new QueueOrder(waiting, held, quotas);
        List<UUID> chosen = new ArrayList<>();
        while (chosen.size() < free) {
            Optional<Waiting> next = order.next();
            if (next.isEmpty()) {
                break;
            }
            Waiting run = next.get();
            if (quotas.refusalOfProject(run, order.held()).isPresent()) {
                order.close();
            } else if (quotas.refusalOfTenant(run, order.held()).isPresent()) {
                // A smaller run of another project of the tenant would let this one starve.
                order.close(project -> quotas.areOfOneTenant(project, run.project()));
            } else {
                order.take();
                chosen.add(run.run());
            }
        }
        return chosen;
    }
}
