package dev.loupe.contracts.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Task;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipeCatalogueTest {
    private static final String DOCUMENT = """
            [{"name": "toy", "task": "CLASSIFICATION", "summary": "A toy", "parameters": {
              "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "required": ["colour"],
              "additionalProperties": false, "properties": {
                "steps": {"type": "integer", "description": "steps", "default": 5, "minimum": 1, "maximum": 10},
                "rate": {"type": "number", "description": "rate", "default": 0.5, "minimum": 1E-9},
                "fast": {"type": "boolean", "description": "fast"},
                "colour": {"type": "string", "description": "colour", "enum": ["RED", "BLUE"]},
                "word": {"type": "string", "description": "word", "pattern": "[a-z]+"},
                "side": {"type": "integer", "description": "side", "multipleOf": 8}}}}]""";

    @TempDir
    private Path folder;

    private CatalogueEntry toy() throws IOException {
        jar("toy.jar", DOCUMENT);
        return RecipeCatalogue.with(folder).find("toy").orElseThrow();
    }

    private void jar(String name, String document) throws IOException {
        try (OutputStream out = Files.newOutputStream(folder.resolve(name));
                JarOutputStream jar = new JarOutputStream(out)) {
            jar.putNextEntry(new ZipEntry(RecipeCatalogue.RESOURCE));
            jar.write(document.getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void fillsDefaultsInTheOrderOfTheForm() throws IOException {
        Recipe recipe = toy().with(Map.of("colour", "RED", "rate", 2));

        assertEquals(
                List.of("steps", "rate", "colour"),
                List.copyOf(recipe.parameters().keySet()));
        assertEquals(Map.of("steps", 5, "rate", 2, "colour", "RED"), recipe.parameters());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "steps | 0        | steps: expected a whole number from 1 to 10, got 0",
                "steps | 2.5      | steps: expected a whole number from 1 to 10, got 2.5",
                "rate  | 0        | rate: expected a number from 1e-9, got 0.0",
                "rate  | x        | rate: expected a number from 1e-9, got \"x\"",
                "fast  | x        | fast: expected true or false, got \"x\"",
                "colour| GREEN    | colour: expected one of RED, BLUE, got \"GREEN\"",
                "side  | 12       | side: expected a whole number, a multiple of 8, got 12",
                "other | 1        | other: 'toy' has no such parameter, expected steps, rate, fast, colour, word, side, got 1"
            })
    void namesTheParameterWhatWasExpectedAndWhatCame(String parameter, String text, String message) throws IOException {
        Object value = text.matches("[0-9]+") && !parameter.equals("rate")
                ? (Object) Integer.valueOf(text)
                : text.matches("[0-9.]+") ? (Object) Double.valueOf(text) : text;
        Map<String, Object> given = new LinkedHashMap<>(Map.of("colour", "RED"));
        given.put(parameter, value);
        CatalogueEntry toy = toy();

        assertEquals(
                message,
                assertThrows(InvalidRecipeException.class, () -> toy.with(given))
                        .getMessage());
    }

    @Test
    void namesAParameterThatIsMissingAndARuleThatOnlyTheSchemaKnows() throws IOException {
        CatalogueEntry toy = toy();

        String missing = assertThrows(InvalidRecipeException.class, () -> toy.with(Map.of()))
                .getMessage();
        String pattern = assertThrows(
                        InvalidRecipeException.class, () -> toy.with(Map.of("colour", "RED", "word", "A B")))
                .getMessage();

        assertEquals("colour: expected one of RED, BLUE, got nothing", missing);
        assertTrue(pattern.startsWith("word: ") && pattern.contains("[a-z]+") && pattern.endsWith("\"A B\""), pattern);
    }

    @Test
    void leavesOutADocumentThatIsNoCatalogue() throws IOException {
        jar("a.jar", "[{\"name\": \"BAD NAME\"}]");
        jar("b.jar", "{");

        assertTrue(RecipeCatalogue.with(folder).find("toy").isEmpty());
        assertEquals(List.of("toy"), List.of(toy().name())); // the others do not prevent it
    }

    @Test
    void describesTheBuiltInRecipes() {
        RecipeCatalogue catalogue = RecipeCatalogue.builtIn();

        for (Task task : Task.values()) {
            CatalogueEntry first = catalogue.defaultFor(task).orElseThrow();
            assertEquals(task, first.task());
            Recipe recipe = first.with(Map.of());
            assertEquals(recipe, first.with(recipe.parameters()));
        }
    }
}
