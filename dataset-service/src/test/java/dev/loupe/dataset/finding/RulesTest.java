package dev.loupe.dataset.finding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.dataset.quality.FindingKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RulesTest {
    private static final Rules CLASSIFICATION = new Rules(Task.CLASSIFICATION, 4);
    private static final Rules ANOMALY = new Rules(Task.ANOMALY_DETECTION, 4);

    /** Images that nothing is to be said about but that they are few. */
    private static List<Measured> ordinary(int from, int number, String label) {
        return new ArrayList<>(Stream.iterate(from, i -> i + 1)
                .limit(number)
                .map(i -> Measured.of(i, label))
                .toList());
    }

    private static List<Observation> search(Rules rules, List<Measured> images) {
        return rules.search(images.stream().map(Measured::image).toList());
    }

    private static List<Observation> search(Rules rules, List<Measured> images, FindingKind kind) {
        return search(rules, images).stream()
                .filter(found -> found.kind() == kind)
                .toList();
    }

    private static Observation only(List<Observation> found) {
        assertEquals(1, found.size(), found::toString);
        return found.getFirst();
    }

    private static List<String> digests(Measured... images) {
        return Stream.of(images).map(Measured::sha256).sorted().toList();
    }

    @Test
    void saysNothingAboutGoodImages() {
        List<Measured> images = ordinary(0, 200, "cat");
        images.addAll(ordinary(200, 200, "dog"));
        assertEquals(List.of(), search(CLASSIFICATION, images));
    }

    @Test
    void nearDuplicatesAcrossSplitsAreSevere() {
        Measured train = Measured.of(1, "cat").split(Split.TRAIN);
        Measured test = Measured.of(2, "cat").split(Split.TEST).like(train, 0b1111);
        Observation found = only(search(CLASSIFICATION, List.of(train, test), FindingKind.NEAR_DUPLICATES));
        assertEquals(digests(train, test), found.images());
        assertEquals(Severity.HIGH, found.severity());
        assertEquals(4.0, found.figures().get("hashDistance"));
    }

    @Test
    void imagesBeyondTheDistanceAreNoDuplicates() {
        Measured one = Measured.of(1, "cat");
        Measured other = Measured.of(2, "cat").like(one, 0b11111);
        assertEquals(List.of(), search(CLASSIFICATION, List.of(one, other), FindingKind.NEAR_DUPLICATES));
        only(search(new Rules(Task.CLASSIFICATION, 5), List.of(one, other), FindingKind.NEAR_DUPLICATES));
    }

    @Test
    void severityOfNearDuplicatesDependsOnLabelsAndSplits() {
        Measured cat = Measured.of(1, "cat");
        Measured dog = Measured.of(2, "dog").like(cat, 1);
        Measured copy = Measured.of(3, "cat").like(cat, 1);
        assertEquals(Severity.HIGH, severity(CLASSIFICATION, cat, dog));
        assertEquals(Severity.MEDIUM, severity(CLASSIFICATION, cat, copy));
        assertEquals(Severity.LOW, severity(CLASSIFICATION, cat.split(Split.TRAIN), copy.split(Split.TRAIN)));
        List<Observation> all = search(
                CLASSIFICATION,
                List.of(cat.split(Split.TRAIN), dog.split(Split.TEST), copy.split(Split.TRAIN)),
                FindingKind.NEAR_DUPLICATES);
        assertTrue(only(all).position() < 0.5, "both are worst");
    }

    private static Severity severity(Rules rules, Measured... images) {
        return only(search(rules, List.of(images), FindingKind.NEAR_DUPLICATES)).severity();
    }

    @Test
    void smallDefectMakesNoDuplicateOfAnAbnormalImage() {
        Measured normal = Measured.of(1, "normal");
        Measured abnormal = Measured.of(2, "abnormal").like(normal, 0);
        assertEquals(List.of(), search(ANOMALY, List.of(normal, abnormal), FindingKind.NEAR_DUPLICATES));
    }

    @Test
    void pairsThatShareAnImageAreOneGroup() {
        Measured one = Measured.of(1, "cat");
        Measured two = Measured.of(2, "cat").like(one, 0b1111);
        Measured three = Measured.of(3, "cat").like(two, 0b11110000);
        Observation found = only(search(CLASSIFICATION, List.of(one, two, three), FindingKind.NEAR_DUPLICATES));
        assertEquals(digests(one, two, three), found.images());
    }

    @Test
    void imagesOfAFixedCameraAreNoDuplicatesButOfLittleDiversity() {
        List<Measured> alike = new ArrayList<>();
        Measured first = Measured.of(0, "nut");
        for (int i = 0; i < 12; i++) {
            alike.add(Measured.of(i, "nut").like(first, 1L << i));
        }
        alike.addAll(ordinary(100, 12, "nut"));
        assertEquals(List.of(), search(CLASSIFICATION, alike, FindingKind.NEAR_DUPLICATES));
        Observation found = only(search(CLASSIFICATION, alike, FindingKind.LITTLE_DIVERSITY));
        assertEquals("nut", found.label());
        assertEquals(Map.of("images", 24.0, "alike", 12.0), found.figures());
        assertEquals(List.of(), search(ANOMALY, alike, FindingKind.LITTLE_DIVERSITY));
    }

    @Test
    void equalHashesAreDuplicatesAmongImagesThatLookAlike() {
        List<Measured> images = ordinary(0, 100, "normal");
        for (int i = 100; i < 130; i++) {
            images.add(Measured.of(i, "normal").like(images.get(i - 100), 1)); // 60 of 130 look alike
        }
        assertEquals(List.of(), search(ANOMALY, images, FindingKind.NEAR_DUPLICATES));
        Measured copy = Measured.of(130, "normal").like(images.get(50), 0);
        images.add(copy);
        Observation found = only(search(ANOMALY, images, FindingKind.NEAR_DUPLICATES));
        assertEquals(digests(images.get(50), copy), found.images());
        for (int i = 131; i < 160; i++) {
            images.add(Measured.of(i, "normal").like(images.get(i - 100), 0)); // so many are no copies
        }
        assertEquals(List.of(), search(ANOMALY, images, FindingKind.NEAR_DUPLICATES));
    }

    @Test
    void imagesOfOneColourAreNoDuplicates() {
        Measured one = Measured.of(1, "cat").sharp(0);
        Measured other = Measured.of(2, "cat").like(one, 0).sharp(0);
        assertEquals(List.of(), search(CLASSIFICATION, List.of(one, other), FindingKind.NEAR_DUPLICATES));
    }

    @Test
    void exposureIsComparedWithTheLabel() {
        // Brightness 100 to 106: the median is 103, the median absolute deviation 2.
        List<Measured> images = ordinary(0, 70, "day");
        Measured night = Measured.of(70, "day").exposed(60, 0);
        images.add(night);
        images.add(Measured.of(71, "day").exposed(70, 0)); // 33 less than the median: too little to see
        Observation found = only(search(CLASSIFICATION, images, FindingKind.EXPOSURE));
        assertEquals(digests(night), found.images());
        assertEquals(Map.of("brightness", 60.0, "median", 103.0), found.figures());

        List<Measured> dark = ordinary(100, 70, "night").stream()
                .map(image -> image.exposed(60, 0))
                .toList();
        images.remove(night);
        images.addAll(dark);
        assertEquals(List.of(), search(CLASSIFICATION, images, FindingKind.EXPOSURE));
    }

    @Test
    void imagesThatAreMostlyBlackAreFound() {
        List<Measured> images = ordinary(0, 40, "cat");
        images.add(Measured.of(40, "cat").exposed(103, 0.3));
        images.add(Measured.of(41, "cat").exposed(103, 0.2));
        Observation found = only(search(CLASSIFICATION, images, FindingKind.EXPOSURE));
        assertEquals(0.3, found.figures().get("blackShare"));
    }

    @Test
    void blurIsAQuarterOfTheSharpnessAndFarFromTheOthers() {
        List<Measured> images = ordinary(0, 44, "cat"); // sharpness 50 to 60, median 55
        Measured blurred = Measured.of(44, "cat").sharp(12);
        images.add(blurred);
        images.add(Measured.of(45, "cat").sharp(15));
        Observation found = only(search(CLASSIFICATION, images, FindingKind.BLUR));
        assertEquals(digests(blurred), found.images());
        // In an anomaly detection project, too; but not among images whose sharpness differs anyway.
        assertEquals(1, search(ANOMALY, images, FindingKind.BLUR).size());
        List<Measured> diverse = new ArrayList<>();
        for (int i = 0; i < 44; i++) {
            diverse.add(Measured.of(i, "cat").sharp(Math.pow(2, i % 11)));
        }
        assertEquals(List.of(), search(CLASSIFICATION, diverse, FindingKind.BLUR));
    }

    @Test
    void otherSizesAndShapesAreFound() {
        List<Measured> images = ordinary(0, 30, "cat");
        Measured small = Measured.of(30, "cat").size(320, 240);
        Measured tall = Measured.of(31, "cat").size(480, 640);
        images.addAll(List.of(small, tall, Measured.of(32, "cat").size(500, 375)));
        List<Observation> found = search(CLASSIFICATION, images, FindingKind.SIZE);
        assertEquals(
                List.of(digests(small), digests(tall)),
                found.stream().map(Observation::images).toList());
        assertEquals(
                List.of(Severity.LOW),
                found.stream().map(Observation::severity).distinct().toList());
    }

    @Test
    void fewImagesHaveNoOutliers() {
        List<Measured> images = ordinary(0, 18, "cat");
        images.add(Measured.of(18, "cat").exposed(0, 1).sharp(0).size(10, 10));
        assertEquals(
                List.of(FindingKind.TOO_FEW_IMAGES),
                search(CLASSIFICATION, images).stream()
                        .map(Observation::kind)
                        .distinct()
                        .toList());
    }

    @Test
    void numberOfMissingImagesIsThatOfTheSplitsThatAFreezeGives() {
        // Of 40 images a freeze puts 6 into TEST, 6 into DEV and 28 into TRAIN.
        List<Observation> found = search(CLASSIFICATION, ordinary(0, 40, "cat"), FindingKind.TOO_FEW_IMAGES);
        Observation test = only(found);
        assertEquals("TEST", test.split());
        assertEquals(Map.of("images", 6.0, "expected", 20.0, "needed", 14.0), test.figures());
        assertEquals(Severity.LOW, test.severity());
    }

    @Test
    void detectorNeedsAbnormalImagesInTest() {
        List<Observation> found = search(ANOMALY, ordinary(0, 300, "normal"), FindingKind.TOO_FEW_IMAGES);
        assertEquals("abnormal", only(found).label());
        assertEquals(Severity.HIGH, only(found).severity());
        assertEquals(20.0, only(found).figures().get("needed"));
    }

    @Test
    void smallClassIsToldHowManyImagesItNeeds() {
        List<Measured> images = new ArrayList<>(ordinary(0, 300, "cat").stream()
                .map(image -> image.split(Split.TRAIN))
                .toList());
        images.addAll(ordinary(300, 21, "dog").stream()
                .map(image -> image.split(Split.TRAIN))
                .toList());
        // A freeze takes 15 % of each into DEV: 255 and 18 remain.
        Observation found = only(search(CLASSIFICATION, images, FindingKind.LABEL_IMBALANCE));
        assertEquals("dog", found.label());
        assertEquals(Map.of("images", 18.0, "largest", 255.0, "needed", 8.0), found.figures());
    }

    @Test
    void identityIsTheKindAndTheImages() {
        Measured one = Measured.of(1, "cat").split(Split.TRAIN);
        Measured two = Measured.of(2, "cat").split(Split.TRAIN).like(one, 1);
        String before = only(search(CLASSIFICATION, List.of(one, two), FindingKind.NEAR_DUPLICATES))
                .id();
        String after = only(search(CLASSIFICATION, List.of(two.split(Split.TEST), one), FindingKind.NEAR_DUPLICATES))
                .id();
        assertEquals(before, after);
        Measured three = Measured.of(3, "cat").like(one, 2);
        assertNotEquals(
                before,
                only(search(CLASSIFICATION, List.of(one, two, three), FindingKind.NEAR_DUPLICATES))
                        .id());
    }

    @Test
    void hundredThousandImagesAreSearched() {
        List<Measured> images = ordinary(0, 100_000, "cat");
        Measured copy = Measured.of(100_000, "cat").like(images.get(77), 1);
        images.add(copy);
        long start = System.nanoTime();
        Observation found = only(search(CLASSIFICATION, images, FindingKind.NEAR_DUPLICATES));
        System.out.printf("100,001 images are searched in %d ms%n", (System.nanoTime() - start) / 1_000_000);
        assertEquals(digests(images.get(77), copy), found.images());
    }
}
