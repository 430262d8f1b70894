package dev.loupe.vision.recipe;

import dev.loupe.contracts.recipe.CatalogueEntry;
import dev.loupe.contracts.recipe.Parameter;
import java.util.List;

/** The page docs/reference/recipes.md. */
final class RecipesPage {
    private RecipesPage() {}

    static String text(List<CatalogueEntry> recipes) {
        StringBuilder page = new StringBuilder("""
                <!-- Made from the recipe catalogue; common/vision/README.md says how. -->
                # Recipes

                A recipe is a way to train a model. `./loupe recipes` lists those of a server, `GET /api/v1/recipes` returns
                them with a JSON Schema of their parameters. `./loupe train PROJECT --recipe NAME` and `POST /api/v1/runs` use
                one; a parameter that is not given has its default. The first recipe for a task is its default.
                [Your own recipes](../guides/recipes.md) can be added.

                A run that can't succeed is refused, and the error names what is missing. Examples are a dataset version with a
                class that has no images, and an anomaly detector without normal DEV images or with a backbone that has no
                feature maps. `GET /api/v1/runs/compare?ids=A,B` shows runs side by side, and whether they were evaluated on the
                same TEST images.
                """);
        for (CatalogueEntry recipe : recipes) {
            page.append("\n## `").append(recipe.name()).append("`\n");
            page.append(recipe.summary())
                    .append(" For projects of ")
                    .append(recipe.task())
                    .append(".\n\n");
            page.append(recipe.description());
            page.append("\n| parameter | default | range | |\n|---|---|---|---|\n");
            recipe.parametersByName().forEach((name, parameter) -> page.append(row(name, parameter)));
        }
        return page.toString();
    }

    private static String row(String name, Parameter parameter) {
        return "| `" + name + "` | " + (parameter.defaultValue() == null ? "" : "`" + parameter.defaultValue() + "`")
                + " | " + parameter.expected() + " | " + parameter.description() + " |\n";
    }
}
