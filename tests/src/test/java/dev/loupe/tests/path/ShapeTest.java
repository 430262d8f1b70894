package dev.loupe.tests.path;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ShapeTest {
    @Test
    void figuresIdsAndSpacesMayDiffer() {
        assertTrue(Shape.fits(
                List.of("Run 01994c1e-7a40-7000-8000-000000000001 took 1.5 s", "SCORE   VERSION", "0.1 2"),
                List.of(
                        "Run 01aaaaaa-7a40-7000-8000-00000000000f took 12 s",
                        "",
                        "SCORE VERSION",
                        "-----",
                        "1e-3  7")));
    }

    @Test
    void wordsColumnsAndLinesMayNot() {
        assertFalse(Shape.fits(List.of("1 image accepted"), List.of("1 image refused")));
        assertFalse(Shape.fits(List.of("FILE SCORE"), List.of("FILE SCORE THRESHOLD")));
        assertFalse(Shape.fits(List.of("a"), List.of("a", "b")));
        assertFalse(Shape.fits(List.of("a", "b"), List.of("a")));
    }

    @Test
    void anEllipsisStandsForAnyLines() {
        assertTrue(Shape.fits(List.of("…", "end"), List.of("a", "b", "end")));
        assertTrue(Shape.fits(List.of("…", "end"), List.of("end")));
        assertTrue(Shape.fits(List.of("begin", "…"), List.of("begin", "a")));
        assertFalse(Shape.fits(List.of("…", "end"), List.of("end", "more")));
    }
}
