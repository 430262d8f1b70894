package dev.loupe.training.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.training.search.Dimension.Choice;
import dev.loupe.training.search.Dimension.Interval;
import dev.loupe.training.search.SearchPlan.Halving;
import dev.loupe.training.search.SearchPlan.Rung;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProposalsTest {
    private static SearchSpace space() {
        Map<String, Dimension> dimensions = new LinkedHashMap<>();
        dimensions.put("rate", new Interval(1e-4, 1e-1, true, 0));
        dimensions.put("size", new Interval(30, 100, false, 8));
        dimensions.put("optimizer", new Choice(List.of("adam", "sgd")));
        return new SearchSpace(dimensions);
    }

    private static SearchPlan plan(SearchMethod method, int trials, int parallel, long seed) {
        return new SearchPlan(method, space(), trials, parallel, seed, new Halving(3, 1, 27));
    }

    private static Score score(Proposal proposal) {
        double rate = ((Number) proposal.parameters().get("rate")).doubleValue();
        return new Score(-Math.abs(Math.log(rate / 1e-2)), null);
    }

    /** Makes a whole search; running trials end in a random order. */
    private static List<Proposal> search(SearchPlan plan, long order) {
        SplittableRandom random = new SplittableRandom(order);
        Proposals proposals = new Proposals(plan);
        List<PastTrial> trials = new ArrayList<>();
        List<Proposal> all = new ArrayList<>();
        while (true) {
            for (Proposal proposal : proposals.next(trials)) {
                all.add(proposal);
                trials.add(PastTrial.running(proposal));
            }
            List<PastTrial> running =
                    trials.stream().filter(trial -> !trial.ended()).toList();
            assertTrue(running.size() <= plan.parallel());
            if (running.isEmpty()) {
                return all;
            }
            PastTrial ended = running.get(random.nextInt(running.size()));
            Proposal proposal = all.get(ended.number() - 1);
            Score score = ended.number() % 5 == 0 ? null : score(proposal);
            trials.set(
                    ended.number() - 1, new PastTrial(ended.number(), ended.parameters(), ended.rung(), true, score));
        }
    }

    @ParameterizedTest
    @EnumSource(SearchMethod.class)
    void theOrderInWhichTrialsEndChangesNothing(SearchMethod method) {
        List<Proposal> expected = search(plan(method, 27, 4, 5), 1);
        for (int order = 2; order < 8; order++) {
            assertEquals(expected, search(plan(method, 27, 4, 5), order));
        }
        assertNotEquals(expected, search(plan(method, 27, 4, 6), 1));
    }

    @ParameterizedTest
    @EnumSource(SearchMethod.class)
    void numbersAreConsecutiveAndParametersAreInTheirRanges(SearchMethod method) {
        List<Proposal> all = search(plan(method, 27, 3, 9), 3);
        for (int i = 0; i < all.size(); i++) {
            Map<String, Object> parameters = all.get(i).parameters();
            assertEquals(i + 1, all.get(i).number());
            double rate = ((Number) parameters.get("rate")).doubleValue();
            assertTrue(rate >= 1e-4 && rate <= 1e-1, "rate " + rate);
            long size = ((Number) parameters.get("size")).longValue();
            assertTrue(size >= 32 && size <= 96 && size % 8 == 0, "size " + size);
            assertTrue(List.of("adam", "sgd").contains(parameters.get("optimizer")));
        }
    }

    @Test
    void aSmallSpaceIsTriedWithoutRepeats() {
        SearchSpace small = new SearchSpace(Map.of("a", new Choice(List.of(1, 2, 3)), "b", new Choice(List.of(1, 2))));
        assertEquals(6, small.size());
        for (SearchMethod method : List.of(SearchMethod.RANDOM, SearchMethod.TPE)) {
            List<PastTrial> trials = new ArrayList<>();
            Proposals proposals = new Proposals(new SearchPlan(method, small, 6, 1, 2, null));
            for (List<Proposal> next = proposals.next(trials); !next.isEmpty(); next = proposals.next(trials)) {
                next.forEach(one -> trials.add(
                        new PastTrial(one.number(), one.parameters(), 0, true, new Score(one.number(), null))));
            }
            assertEquals(
                    6, new HashSet<>(trials.stream().map(PastTrial::parameters).toList()).size());
        }
    }

    /** By hand: 27 trials and at most 27 epochs, factor 3: 27 with 1 epoch, 9 with 3, 3 with 9, 1 with 27. */
    @Test
    void rungsAreThoseOfThePaper() {
        assertEquals(
                List.of(new Rung(27, 1), new Rung(9, 3), new Rung(3, 9), new Rung(1, 27)),
                plan(SearchMethod.SUCCESSIVE_HALVING, 27, 1, 1).rungs());
        assertEquals(40, plan(SearchMethod.SUCCESSIVE_HALVING, 27, 1, 1).totalTrials());
    }

    /** By hand: 40 / 3 / 3 epochs are 4, a third of these would be below the least; 8 / 3 / 3 trials would be none. */
    @Test
    void rungsEndWhereEpochsOrTrialsDo() {
        assertEquals(
                List.of(new Rung(30, 4), new Rung(10, 13), new Rung(3, 40)),
                new SearchPlan(SearchMethod.SUCCESSIVE_HALVING, space(), 30, 1, 1, new Halving(3, 2, 40)).rungs());
        assertEquals(
                List.of(new Rung(8, 13), new Rung(2, 40)),
                new SearchPlan(SearchMethod.SUCCESSIVE_HALVING, space(), 8, 1, 1, new Halving(3, 1, 40)).rungs());
    }

    @Test
    void halvingPromotesTheBestOfARungThatHaveNotFailed() {
        List<Proposal> all = search(plan(SearchMethod.SUCCESSIVE_HALVING, 27, 4, 5), 1);
        for (int rung = 1; rung < 4; rung++) {
            int below = rung - 1;
            List<Integer> expected = all.stream()
                    .filter(one -> one.rung() == below && one.number() % 5 != 0)
                    .sorted(Comparator.comparing(ProposalsTest::score).reversed())
                    .limit(plan(SearchMethod.SUCCESSIVE_HALVING, 27, 4, 5)
                            .rungs()
                            .get(rung)
                            .trials())
                    .map(Proposal::number)
                    .toList();
            int same = rung;
            List<Proposal> promoted =
                    all.stream().filter(one -> one.rung() == same).toList();
            assertEquals(expected, promoted.stream().map(Proposal::promotedFrom).toList(), "rung " + rung);
            promoted.forEach(one -> assertEquals(all.get(one.promotedFrom() - 1).parameters(), one.parameters()));
        }
    }

    @Test
    void equalAccuracyIsDecidedByLogLossThenByNumber() {
        List<PastTrial> trials = List.of(
                new PastTrial(1, Map.of(), 0, true, new Score(.9, .5)),
                new PastTrial(2, Map.of(), 0, true, new Score(.9, .25)),
                new PastTrial(3, Map.of(), 0, true, new Score(.9, .25)),
                new PastTrial(4, Map.of(), 0, true, new Score(.95, 3.0)),
                new PastTrial(5, Map.of(), 0, true, null));
        assertEquals(
                List.of(4, 2, 3, 1),
                Proposals.bestFirst(trials).stream().map(PastTrial::number).toList());
    }
}
