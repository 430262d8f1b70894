package dev.loupe.dataset.quality;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.dataset.image.Images.LabelConflicts;
import dev.loupe.dataset.quality.Warning.Code;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PreFlightTest {
    private static final LabelConflicts NONE = new LabelConflicts(0, 0);

    private static Map<Split, Map<String, Integer>> counts(
            Map<String, Integer> train, Map<String, Integer> dev, Map<String, Integer> test) {
        return Map.of(Split.TRAIN, train, Split.DEV, dev, Split.TEST, test);
    }

    private static List<Code> anomaly(Map<String, Integer> train, Map<String, Integer> test) {
        return PreFlight.check(
                        Task.ANOMALY_DETECTION,
                        List.of("normal", "abnormal"),
                        counts(train, Map.of("normal", 20), test),
                        0,
                        NONE)
                .stream()
                .map(Warning::code)
                .toList();
    }

    private static List<Code> classification(Map<String, Integer> train, Map<String, Integer> test) {
        return PreFlight.check(Task.CLASSIFICATION, List.of("cat", "dog"), counts(train, Map.of(), test), 0, NONE)
                .stream()
                .map(Warning::code)
                .toList();
    }

    @Test
    void aGoodVersionHasNoWarnings() {
        assertEquals(List.of(), anomaly(Map.of("normal", 300), Map.of("normal", 40, "abnormal", 40)));
        assertEquals(List.of(), classification(Map.of("cat", 200, "dog", 20), Map.of("cat", 40, "dog", 4)));
    }

    @Test
    void tooFewAndTooManyNormalImagesAreTold() {
        Map<String, Integer> test = Map.of("normal", 40, "abnormal", 40);
        assertEquals(List.of(Code.TOO_FEW_IMAGES), anomaly(Map.of("normal", 29), test));
        assertEquals(List.of(Code.MORE_NORMAL_THAN_HELP), anomaly(Map.of("normal", 301), test));
    }

    @Test
    void aThresholdNeedsNormalImagesInDev() {
        List<Warning> warnings = PreFlight.check(
                Task.ANOMALY_DETECTION,
                List.of("normal", "abnormal"),
                counts(Map.of("normal", 100), Map.of("normal", 1), Map.of("normal", 4, "abnormal", 4)),
                0,
                NONE);
        assertEquals(
                List.of(new Warning(
                        Code.FEW_NORMAL_IN_DEV,
                        "1 normal image in DEV: with fewer than 20 the threshold may call many normal images abnormal",
                        FindingKind.TOO_FEW_IMAGES)),
                warnings);
    }

    @Test
    void aDetectorNeedsBothKindsToBeEvaluated() {
        assertEquals(List.of(Code.NO_ABNORMAL_IN_TEST), anomaly(Map.of("normal", 100), Map.of("normal", 4)));
        assertEquals(List.of(Code.NO_NORMAL_IN_TEST), anomaly(Map.of("normal", 100), Map.of("abnormal", 4)));
    }

    @Test
    void classesThatCannotBeEvaluatedAreNamed() {
        assertEquals(
                List.of(Code.CLASS_MISSING_FROM_TEST), classification(Map.of("cat", 40, "dog", 40), Map.of("cat", 4)));
        assertEquals(
                List.of(Code.TOO_FEW_IMAGES, Code.HEAVY_IMBALANCE),
                classification(Map.of("cat", 191, "dog", 19), Map.of("cat", 4, "dog", 4)));
    }

    @Test
    void whatWasLeftOutAndWhatContradictsItselfIsCounted() {
        List<Warning> warnings = PreFlight.check(
                Task.CLASSIFICATION,
                List.of("cat", "dog"),
                counts(Map.of("cat", 40, "dog", 40), Map.of(), Map.of("cat", 4, "dog", 4)),
                17,
                new LabelConflicts(3, 5));
        assertEquals(
                List.of(Code.UNLABELLED_LEFT_OUT, Code.DUPLICATES_ACROSS_SPLITS, Code.DUPLICATES_ACROSS_LABELS),
                warnings.stream().map(Warning::code).toList());
        assertEquals(
                "17 images without a label were left out", warnings.getFirst().message());
    }
}
