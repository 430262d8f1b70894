package dev.loupe.imaging;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Each kind of image is decoded to the pixels of its drawing, or rejected with an error that names the kind. */
class ImageKindsTest {
    private static final int TOLERANCE = 2;
    private static final Path PAGE = Path.of("../../docs/reference/images.md");

    private static final List<ImageKind> KINDS = ImageKinds.all();

    @Test
    void decodesEachKindToItsDrawing() {
        List<ImageKind> decoded =
                KINDS.stream().filter(kind -> kind.refusal() == null).toList();
        assertTrue(decoded.size() >= 200, decoded.size() + " kinds");
        assertAll(decoded.stream().map(kind -> (Executable) () -> {
            Pixels actual = ImageDecoder.decode(kind.file());
            assertEquals(kind.expected().width(), actual.width(), kind + ": width");
            assertEquals(kind.expected().height(), actual.height(), kind + ": height");
            int difference = difference(kind.expected().rgb(), actual.rgb());
            assertTrue(difference <= TOLERANCE, kind + ": differs by " + difference);
            ImageInspection inspection = ImageDecoder.inspect(kind.file());
            assertEquals(actual.width(), inspection.width(), kind + ": inspected width");
            assertEquals(actual.height(), inspection.height(), kind + ": inspected height");
        }));
    }

    @Test
    void rejectsOtherKindsWithTheirName() {
        assertAll(KINDS.stream().filter(kind -> kind.refusal() != null).map(kind -> (Executable) () -> {
            UnsupportedImageException refused = assertThrows(
                    UnsupportedImageException.class, () -> ImageDecoder.inspect(kind.file()), kind::toString);
            assertTrue(refused.getMessage().contains(kind.refusal()), kind + ": " + refused.getMessage());
        }));
    }

    @Test
    void referencePageListsAllKinds() throws IOException {
        String page = Files.readString(PAGE);
        String tables = tables();
        assertTrue(page.contains(tables), () -> PAGE + " should contain:\n" + tables);
    }

    private static String tables() {
        StringBuilder text =
                new StringBuilder("## Decoded\n| format | colours | bits of a sample | how |\n|---|---|---|---|\n");
        groups(kind -> kind.refusal() == null)
                .forEach((name, kinds) ->
                        text.append("| %s | %s | %s |\n".formatted(name, bits(kinds), storage(kinds))));
        text.append("\n## Refused by name\n| format | colours | what |\n|---|---|---|\n");
        groups(kind -> kind.refusal() != null)
                .forEach((name, kinds) -> text.append("| %s | %s |\n".formatted(name, storage(kinds))));
        return text.toString();
    }

    /** Groups kinds of the same format and colour into one line. */
    private static Map<String, List<ImageKind>> groups(Predicate<ImageKind> filter) {
        return KINDS.stream()
                .filter(filter)
                .collect(Collectors.groupingBy(
                        kind -> kind.format() + " | " + kind.colour(), LinkedHashMap::new, Collectors.toList()));
    }

    private static String bits(List<ImageKind> kinds) {
        return kinds.stream()
                .map(ImageKind::bits)
                .distinct()
                .sorted()
                .map(String::valueOf)
                .collect(Collectors.joining(", "));
    }

    private static String storage(List<ImageKind> kinds) {
        return kinds.stream()
                .flatMap(kind -> Stream.of(kind.storage().split(", ")))
                .distinct()
                .collect(Collectors.joining(", "));
    }

    static int difference(byte[] expected, byte[] actual) {
        int largest = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs((expected[i] & 0xFF) - (actual[i] & 0xFF)));
        }
        return largest;
    }
}
