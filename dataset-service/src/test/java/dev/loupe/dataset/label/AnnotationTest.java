package dev.loupe.dataset.label;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Task;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnnotationTest {
    @ParameterizedTest
    @ValueSource(strings = {"good", "OK", "normal", "Good"})
    void foldersOfNormalItemsAreNormal(String folder) {
        assertEquals(new Annotation("normal", null), Annotation.ofFolder(Task.ANOMALY_DETECTION, folder));
    }

    @Test
    void everyOtherFolderIsAKindOfDefect() {
        assertEquals(new Annotation("abnormal", "scratch"), Annotation.ofFolder(Task.ANOMALY_DETECTION, "scratch"));
        assertEquals(new Annotation("abnormal", null), Annotation.ofFolder(Task.ANOMALY_DETECTION, "abnormal"));
    }

    @Test
    void aFolderOfAClassificationProjectIsAClassWhateverItsName() {
        assertEquals(new Annotation("good", null), Annotation.ofFolder(Task.CLASSIFICATION, "good"));
        assertEquals(
                new Annotation("Blasen größer 2 mm", null),
                Annotation.ofFolder(Task.CLASSIFICATION, "Blasen größer 2 mm"));
    }

    @Test
    void aLabelOfAnAnomalyProjectIsNormalOrAbnormalAndTheErrorSaysWhy() {
        assertEquals(new Annotation("abnormal", null), Annotation.ofLabel(Task.ANOMALY_DETECTION, "abnormal"));
        ServiceException refused =
                assertThrows(ServiceException.class, () -> Annotation.ofLabel(Task.ANOMALY_DETECTION, "scratch"));
        assertEquals(ErrorCode.LABEL_INVALID, refused.code());
        assertTrue(refused.getMessage().contains("one kind of item"), refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../etc",
                "a/b",
                "a\u202Eb",
                "-x",
                ".hidden",
                "'; drop table image; --",
                "a\u0000b",
                "<b>",
                "a\\b",
                "=1+1",
                "a\u2066b",
                "a\u200Eb",
                "a|b"
            })
    void namesThatCouldDoHarmAreNoLabels(String name) {
        ServiceException refused =
                assertThrows(ServiceException.class, () -> Annotation.ofLabel(Task.CLASSIFICATION, name));
        assertEquals(ErrorCode.LABEL_INVALID, refused.code());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "driver's side",
                "90 % full",
                "45°",
                "A–B",
                "Größe ≥ 2 mm",
                "L'été",
                "#4",
                "(unknown)",
                "±0",
                "übermäßig",
                "日本語"
            })
    void punctuationAndSymbolsAreAllowed(String name) {
        assertEquals(new Annotation(name, null), Annotation.ofLabel(Task.CLASSIFICATION, name));
    }

    @Test
    void aRefusedLabelIsShownWithoutWhatHarms() {
        String harmful = "a\u202E" + "b".repeat(5_000);
        ServiceException refused =
                assertThrows(ServiceException.class, () -> Annotation.ofLabel(Task.CLASSIFICATION, harmful));
        assertTrue(refused.getMessage().length() < 400, refused.getMessage());
        assertFalse(refused.getMessage().contains("\u202E"));
    }

    @Test
    void twoUnicodeFormsOfANameAreOneLabel() {
        assertEquals(
                Annotation.ofLabel(Task.CLASSIFICATION, "gr\u00FCn"),
                Annotation.ofLabel(Task.CLASSIFICATION, "gru\u0308n"));
    }
}
