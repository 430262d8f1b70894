package dev.loupe.vision.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.contracts.recipe.CatalogueEntry;
import dev.loupe.contracts.recipe.RecipeCatalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** With {@code -Dloupe.write=true} the generated files are written first. */
class CatalogueTest {
    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
    private static final List<TrainingRecipe<?>> RECIPES = Recipes.all(CatalogueTest.class.getClassLoader());

    @Test
    void generatedFilesAreCurrent() throws IOException {
        List<CatalogueEntry> catalogue =
                RECIPES.stream().map(CatalogueGenerator::describe).toList();
        Map<Path, String> files = new TreeMap<>(Map.of(
                ROOT.resolve("common/contracts/src/main/resources").resolve(RecipeCatalogue.RESOURCE),
                CatalogueGenerator.document(RECIPES),
                ROOT.resolve("docs/reference/recipes.md"),
                RecipesPage.list(catalogue)));
        for (CatalogueEntry recipe : catalogue) {
            files.put(ROOT.resolve("docs/reference/recipes/" + recipe.name() + ".md"), RecipesPage.of(recipe));
        }
        for (Map.Entry<Path, String> file : files.entrySet()) {
            if (Boolean.getBoolean("loupe.write")) {
                Files.writeString(file.getKey(), file.getValue());
            }
            assertEquals(
                    file.getValue(),
                    Files.readString(file.getKey()),
                    ROOT.relativize(file.getKey()) + " is not current; common/vision/README.md says how it is made");
        }
    }

    @Test
    void defaultsOfTheCatalogueAreThoseOfTheRecipe() {
        for (TrainingRecipe<?> recipe : RECIPES) {
            CatalogueEntry entry = CatalogueGenerator.describe(recipe);
            Map<String, Object> defaults = entry.with(Map.of()).parameters();
            assertEquals(entry.with(defaults).parameters(), defaults, entry.name());
        }
    }
}
