package dev.loupe.inference.traffic;

import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.json.Json;

/**
 * Predictions of one arm.
 *
 * @param failed predictions that the version has failed to make; not those of requests that are invalid or were refused
 * @param latency number of answered predictions by {@link Latency#bucket}
 */
public record ArmCount(long answered, long failed, @Json Map<Integer, Long> latency) {
    static final ArmCount NONE = new ArmCount(0, 0, Map.of());

    public ArmCount {
        latency = Map.copyOf(latency);
    }

    long requests() {
        return answered + failed;
    }

    ArmCount plus(ArmCount more) {
        Map<Integer, Long> sum = new TreeMap<>(latency);
        more.latency.forEach((bucket, count) -> sum.merge(bucket, count, Long::sum));
        return new ArmCount(answered + more.answered, failed + more.failed, sum);
    }
}
