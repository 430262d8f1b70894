package dev.loupe.vision.recipe.auto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class ChanceOfBestTest {
    private static final int IMAGES = 40;

    private static Map<String, Boolean> labels() {
        Map<String, Boolean> abnormal = new TreeMap<>();
        for (int i = 0; i < IMAGES; i++) {
            abnormal.put("image " + i, i % 2 == 0);
        }
        return abnormal;
    }

    private static Map<String, Double> scores(IntToDoubleFunction score) {
        Map<String, Double> scores = new TreeMap<>();
        for (int i = 0; i < IMAGES; i++) {
            scores.put("image " + i, score.applyAsDouble(i));
        }
        return scores;
    }

    @Test
    void aPerfectDetectorIsNoChance() {
        assertEquals(.001, ChanceOfBest.of(List.of(scores(i -> i % 2 == 0 ? 2 : 1)), labels(), 1, 3));
    }

    @Test
    void equalScoresAreAlwaysAsGood() {
        assertEquals(1, ChanceOfBest.of(List.of(scores(_ -> 1)), labels(), .5, 3));
    }

    /** The exact distribution of the rank sum of 20 of 40 has 5 % of its mass from an AUROC of .652 on (normal limit). */
    @Test
    void hasTheDistributionOfTheRankSum() {
        assertEquals(.05, ChanceOfBest.of(List.of(scores(i -> i)), labels(), .652, 3), .02);
    }

    @Test
    void theBestOfManyIsGoodByChanceAndCopiesAreNotMany() {
        Random random = new Random(1);
        List<Map<String, Double>> many = new ArrayList<>();
        for (int k = 0; k < 10; k++) {
            many.add(scores(_ -> random.nextDouble()));
        }
        double one = ChanceOfBest.of(many.subList(0, 1), labels(), .652, 3);
        List<Map<String, Double>> copies = List.of(many.getFirst(), many.getFirst(), many.getFirst());

        assertTrue(ChanceOfBest.of(many, labels(), .652, 3) > .3);
        assertEquals(one, ChanceOfBest.of(copies, labels(), .652, 3));
    }
}
