package dev.loupe.training.search;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The parameters that a search varies, with their values.
 *
 * @param dimensions by the names of the parameters, in a fixed order
 */
record SearchSpace(Map<String, Dimension> dimensions) {
    SearchSpace {
        dimensions = Collections.unmodifiableMap(new LinkedHashMap<>(dimensions));
    }

    /** Parameters drawn at random. */
    Map<String, Object> draw(RandomGenerator random) {
        Map<String, Object> drawn = new LinkedHashMap<>();
        dimensions.forEach((name, dimension) -> drawn.put(name, dimension.draw(random)));
        return drawn;
    }

    /** Number of different parameters, {@link Long#MAX_VALUE} if they are not counted. */
    long size() {
        long size = 1;
        for (Dimension dimension : dimensions.values()) {
            long values = dimension.size();
            if (values > Long.MAX_VALUE / size) {
                return Long.MAX_VALUE;
            }
            size *= values;
        }
        return size;
    }
}
