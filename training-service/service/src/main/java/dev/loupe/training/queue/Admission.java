package dev.loupe.training.queue;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Which waiting runs get a trainer now. */
final class Admission {
    private Admission() {}

    /**
     * @param waiting in the order in which they were asked for
     * @param held what each project's trainers hold
     * @param trainers how many there may be at the same time
     * @return in the order of their turns; none exceeds its project's quota
     */
    static List<UUID> choose(
            Collection<Waiting> waiting, Map<String, Usage> held, Map<String, Quota> quotas, int trainers) {
        int free = trainers - held.values().stream().mapToInt(Usage::runs).sum();
        QueueOrder order = new QueueOrder(waiting, held, quotas);
        List<UUID> chosen = new ArrayList<>();
        while (chosen.size() < free) {
            Optional<Waiting> next = order.next();
            if (next.isEmpty()) {
                break;
            }
            Waiting run = next.get();
            Quota quota = quotas.getOrDefault(run.project(), Quota.NONE);
            if (quota.refusal(order.held(run.project()), run.gpus()).isPresent()) {
                order.close();
            } else {
                order.take();
                chosen.add(run.run());
            }
        }
        return chosen;
    }
}
