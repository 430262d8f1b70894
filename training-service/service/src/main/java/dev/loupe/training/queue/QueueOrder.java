package dev.loupe.training.queue;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * The order of waiting runs: higher priority first; among equal priorities, the project that holds the least relative
 * to its weight (weighted max-min fairness, in which a trainer counts as its GPUs); within a project, in the order of
 * submission. Taking the next of n runs of p projects costs O(log p). Not thread-safe.
 */
final class QueueOrder {
    private final QueueQuotas quotas;
    private final Map<String, Usage> held;
    private final TreeMap<Integer, Map<String, Queue<Waiting>>> levels = new TreeMap<>(Comparator.reverseOrder());
    private PriorityQueue<Lane> lanes = new PriorityQueue<>();

    /** The waiting runs of a project with one priority, and the project's share when it was put into the heap. */
    private record Lane(double share, UUID first, Queue<Waiting> runs) implements Comparable<Lane> {
        @Override
        public int compareTo(Lane other) {
            int byShare = Double.compare(share, other.share);
            return byShare != 0 ? byShare : first.compareTo(other.first);
        }
    }

    /**
     * @param waiting waiting runs, in the order of submission
     * @param held what each project holds; not modified
     */
    QueueOrder(Collection<Waiting> waiting, Map<String, Usage> held, QueueQuotas quotas) {
        this.quotas = quotas;
        this.held = new HashMap<>(held);
        for (Waiting one : waiting) {
            levels.computeIfAbsent(one.priority(), _ -> new HashMap<>())
                    .computeIfAbsent(one.project(), _ -> new ArrayDeque<>())
                    .add(one);
        }
    }

    /** The next run. Before another call, {@linkplain #take take} it or {@linkplain #close close} its project. */
    Optional<Waiting> next() {
        while (lanes.isEmpty() && !levels.isEmpty()) {
            levels.pollFirstEntry().getValue().values().forEach(this::offer);
        }
        return Optional.ofNullable(lanes.peek()).map(lane -> lane.runs().peek());
    }

    /** Gives the next run a trainer. */
    void take() {
        Queue<Waiting> runs = lanes.poll().runs();
        Waiting taken = runs.remove();
        held.merge(taken.project(), Usage.NONE.plus(taken.gpus()), (before, _) -> before.plus(taken.gpus()));
        offer(runs);
    }

    /** Closes the project of the next run, which cannot have a trainer: no other run of the project overtakes it. */
    void close() {
        String project = lanes.poll().runs().remove().project();
        levels.values().forEach(level -> level.remove(project));
    }

    /** Closes these projects, of which that of the next run is one. */
    void close(Predicate<String> projects) {
        lanes.removeIf(lane -> projects.test(lane.runs().peek().project()));
        levels.values().forEach(level -> level.keySet().removeIf(projects));
    }

    /** What each project holds, including the runs that were taken. */
    Map<String, Usage> held() {
        return held;
    }

    private void offer(Queue<Waiting> runs) {
        if (!runs.isEmpty()) {
            Waiting first = runs.peek();
            Usage own = held.getOrDefault(first.project(), Usage.NONE);
            lanes.add(new Lane(own.units() / quotas.of(first.project()).weight(), first.run(), runs));
        }
    }
}
