package dev.loupe.inference.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import org.junit.jupiter.api.Test;

/** Writes docs/reference/open-inference-protocol.md with {@code -Dloupe.write=true}. */
class ConformancePageTest {
    private static final Path PAGE = Path.of("../docs/reference/open-inference-protocol.md");

    @Test
    void thePageListsAllCases() throws IOException {
        if (Boolean.getBoolean("loupe.write")) {
            Files.writeString(PAGE, ConformancePage.markdown());
        }
        assertEquals(
                ConformancePage.markdown(),
                Files.readString(PAGE),
                "expected the page of mvn test -pl inference-service -Dtest=ConformancePageTest -Dloupe.write=true");
    }

    @Test
    void everyCaseHasANameOfItsOwn() {
        HashSet<String> names = new HashSet<>();
        ConformancePage.cases().forEach(each -> assertTrue(names.add(each.toString()), each.toString()));
        assertTrue(names.size() >= 60, names.size() + " cases");
    }
}
