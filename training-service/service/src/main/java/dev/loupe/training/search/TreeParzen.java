package dev.loupe.training.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Tree-structured Parzen estimator: of values that are drawn from the density {@code l} of the better observations, it
 * proposes the one with the largest ratio {@code l / g} to the density of the others, for each parameter by itself.
 *
 * <p>Source: Bergstra, Bardenet, Bengio and Kégl, "Algorithms for Hyper-Parameter Optimization", NIPS 2011, section 4.
 *
 * @param space the parameters
 * @param better parameters of the better observations
 * @param others parameters of the other observations
 */
record TreeParzen(SearchSpace space, List<Map<String, Object>> better, List<Map<String, Object>> others) {
    /** Number of values of a parameter that are drawn and compared. */
    private static final int CANDIDATES = 24;

    /** Share of the observations that are the better ones. */
    private static final double BETTER_SHARE = 0.1;

    /** Divides observations into better and other ones. The first ones are the better ones. */
    static TreeParzen of(SearchSpace space, List<Map<String, Object>> bestFirst, List<Map<String, Object>> failed) {
        int count = (int) Math.ceil(BETTER_SHARE * bestFirst.size());
        List<Map<String, Object>> others = new ArrayList<>(bestFirst.subList(count, bestFirst.size()));
        others.addAll(failed);
        return new TreeParzen(space, bestFirst.subList(0, count), others);
    }

    /** Proposes parameters. */
    Map<String, Object> propose(RandomGenerator random) {
        Map<String, Object> proposal = new LinkedHashMap<>();
        space.dimensions()
                .forEach((name, dimension) -> proposal.put(
                        name,
                        switch (dimension) {
                            case Dimension.Choice choice -> propose(name, choice, random);
                            case Dimension.Interval interval -> propose(name, interval, random);
                        }));
        return proposal;
    }

    private Object propose(String name, Dimension.Interval interval, RandomGenerator random) {
        ParzenEstimate good = new ParzenEstimate(positions(name, interval, better));
        ParzenEstimate bad = new ParzenEstimate(positions(name, interval, others));
        double best = 0;
        double highest = -1;
        for (int i = 0; i < CANDIDATES; i++) {
            double position = good.draw(random);
            double ratio = good.density(position) / bad.density(position);
            if (ratio > highest) {
                highest = ratio;
                best = position;
            }
        }
        return interval.at(best);
    }

    private static double[] positions(String name, Dimension.Interval interval, List<Map<String, Object>> observed) {
        return observed.stream()
                .mapToDouble(one -> interval.position(((Number) one.get(name)).doubleValue()))
                .toArray();
    }

    private Object propose(String name, Dimension.Choice choice, RandomGenerator random) {
        double[] good = probabilities(name, choice, better);
        double[] bad = probabilities(name, choice, others);
        int best = 0;
        double highest = -1;
        for (int i = 0; i < CANDIDATES; i++) {
            int index = draw(good, random);
            if (good[index] / bad[index] > highest) {
                highest = good[index] / bad[index];
                best = index;
            }
        }
        return choice.values().get(best);
    }

    /** Share of each value among the observations, and among one more that has all values in equal parts. */
    static double[] probabilities(String name, Dimension.Choice choice, List<Map<String, Object>> observed) {
        double[] probabilities = new double[choice.values().size()];
        Arrays.fill(probabilities, 1.0 / probabilities.length);
        for (Map<String, Object> one : observed) {
            probabilities[choice.index(one.get(name))]++;
        }
        for (int i = 0; i < probabilities.length; i++) {
            probabilities[i] /= observed.size() + 1;
        }
        return probabilities;
    }

    private static int draw(double[] probabilities, RandomGenerator random) {
        double left = random.nextDouble();
        for (int i = 0; i < probabilities.length; i++) {
            left -= probabilities[i];
            if (left < 0) {
                return i;
            }
        }
        return probabilities.length - 1;
    }
}
