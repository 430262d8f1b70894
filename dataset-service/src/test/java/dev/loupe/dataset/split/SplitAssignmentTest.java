package dev.loupe.dataset.split;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.dataset.image.Image;
import dev.loupe.storage.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SplitAssignmentTest {
    private static List<Image> images(String label, Split split, int from, int count) {
        return IntStream.range(from, from + count)
                .mapToObj(i -> new Image(
                        Sha256.of((label + i).getBytes(StandardCharsets.UTF_8)),
                        label + i,
                        1,
                        "PNG",
                        1,
                        1,
                        label,
                        null,
                        split,
                        null,
                        null,
                        null))
                .toList();
    }

    private static List<Image> free(String label, int count) {
        return images(label, null, 0, count);
    }

    private static List<Image> all(List<Image> some, List<Image> others) {
        return Stream.concat(some.stream(), others.stream()).toList();
    }

    private static List<Integer> counts(Map<String, Split> splits, List<Image> images) {
        return Stream.of(Split.values())
                .map(split -> (int) images.stream()
                        .filter(image -> splits.get(image.sha256()) == split)
                        .count())
                .toList();
    }

    @Test
    void everyClassIsSharedOutByItself() {
        List<Image> cats = free("cat", 100);
        List<Image> dogs = free("dog", 20);
        Map<String, Split> splits = SplitAssignment.assign(Task.CLASSIFICATION, 0, all(cats, dogs));
        assertEquals(List.of(70, 15, 15), counts(splits, cats));
        assertEquals(List.of(14, 3, 3), counts(splits, dogs));
    }

    @Test
    void aLabelOfThreeIsInEverySplitAndOneOfOneIsLearnt() {
        for (var expected : Map.of(1, List.of(1, 0, 0), 2, List.of(1, 0, 1), 3, List.of(1, 1, 1), 4, List.of(2, 1, 1))
                .entrySet()) {
            List<Image> few = free("few", expected.getKey());
            assertEquals(
                    expected.getValue(), counts(SplitAssignment.assign(Task.CLASSIFICATION, 0, few), few), "of " + few);
        }
    }

    @Test
    void abnormalImagesAreNeverLearntFrom() {
        List<Image> normal = free("normal", 40);
        List<Image> abnormal = all(free("abnormal", 7), images("abnormal", Split.TRAIN, 7, 2));
        Map<String, Split> splits = SplitAssignment.assign(Task.ANOMALY_DETECTION, 3, all(normal, abnormal));
        assertEquals(List.of(28, 6, 6), counts(splits, normal));
        assertEquals(List.of(0, 4, 5), counts(splits, abnormal));
    }

    @Test
    void aGivenTestIsKeptAndDevIsCarvedOutOfTheGivenTrain() {
        List<Image> train = images("cat", Split.TRAIN, 0, 100);
        List<Image> test = images("cat", Split.TEST, 100, 40);
        Map<String, Split> splits = SplitAssignment.assign(Task.CLASSIFICATION, 0, all(train, test));
        assertEquals(List.of(85, 15, 0), counts(splits, train));
        assertEquals(List.of(0, 0, 40), counts(splits, test));

        List<Image> normal = images("normal", Split.TRAIN, 0, 412);
        assertEquals(List.of(371, 41, 0), counts(SplitAssignment.assign(Task.ANOMALY_DETECTION, 0, normal), normal));
    }

    @Test
    void aGivenDevIsKeptAndNothingIsCarved() {
        List<Image> train = images("cat", Split.TRAIN, 0, 100);
        List<Image> dev = images("cat", Split.DEV, 100, 5);
        Map<String, Split> splits = SplitAssignment.assign(Task.CLASSIFICATION, 0, all(train, dev));
        assertEquals(List.of(100, 0, 0), counts(splits, train));
        assertEquals(List.of(0, 5, 0), counts(splits, dev));
    }

    @Test
    void theSameSeedAndImagesGiveTheSameSplitsInWhateverOrderTheyCome() {
        List<Image> images = new ArrayList<>(all(free("cat", 60), free("dog", 60)));
        Map<String, Split> splits = SplitAssignment.assign(Task.CLASSIFICATION, 7, images);
        Collections.shuffle(images, new Random(1));
        assertEquals(splits, SplitAssignment.assign(Task.CLASSIFICATION, 7, images));
        assertNotEquals(splits, SplitAssignment.assign(Task.CLASSIFICATION, 8, images));
    }

    @Test
    void testImagesStayInTestWhenImagesAreAdded() {
        List<Image> before = free("cat", 200);
        Map<String, Split> first = SplitAssignment.assign(Task.CLASSIFICATION, 0, before);
        Map<String, Split> second = SplitAssignment.assign(Task.CLASSIFICATION, 0, free("cat", 260));
        List<Image> moved = before.stream()
                .filter(image -> first.get(image.sha256()) == Split.TEST && second.get(image.sha256()) == Split.TRAIN)
                .toList();
        assertEquals(List.of(), moved);
        long same = before.stream()
                .filter(image -> first.get(image.sha256()) == second.get(image.sha256()))
                .count();
        assertTrue(same >= 180, same + " of 200 stay where they were");
    }
}
