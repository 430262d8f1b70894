package dev.loupe.vision.recipe;

import dev.loupe.contracts.recipe.CatalogueEntry;
import dev.loupe.contracts.recipe.Parameter;
import java.util.List;

/** The pages docs/reference/recipes.md, and one for each recipe in the folder docs/reference/recipes. */
final class RecipesPage {
    private static final String GENERATED =
            "<!-- Made from the recipe catalogue; common/vision/README.md says how. -->\n";

    private RecipesPage() {}

    static String list(List<CatalogueEntry> recipes) {
        StringBuilder page = new StringBuilder(GENERATED + """
                # Recipes

                A recipe is a way to train a model. `./loupe recipes` lists those of a server, `GET /api/v1/recipes` returns
                them with a JSON Schema of their parameters. `./loupe train PROJECT --recipe NAME` and `POST /api/v1/runs` use
                one; a parameter that is not given has its default. The first recipe for a task is its default.
                [Your own recipes](../guides/recipes.md) can be added.

                A run that can't succeed is refused, and the error names what is missing. Examples are a dataset version with a
                class that has no images, and an anomaly detector without normal DEV images or with a backbone that has no
                feature maps. `GET /api/v1/runs/compare?ids=A,B` shows runs side by side, and whether they were evaluated on the
                same TEST images.

                | recipe | for projects of | |
                |---|---|---|
                """);
        for (CatalogueEntry recipe : recipes) {
            page.append("| [`" + recipe.name() + "`](recipes/" + recipe.name() + ".md) | " + recipe.task() + " | "
                    + recipe.summary() + " |\n");
        }
        return page.toString();
    }

    static String of(CatalogueEntry recipe) {
        StringBuilder page = new StringBuilder(GENERATED);
        page.append("# `").append(recipe.name()).append("`\n");
        page.append(recipe.summary())
                .append(" For projects of ")
                .append(recipe.task())
                .append("; [all recipes](../recipes.md).\n\n");
        page.append(recipe.description());
        page.append("\n## Parameters\n| parameter | default | range | |\n|---|---|---|---|\n");
        recipe.parametersByName().forEach((name, parameter) -> page.append(row(name, parameter)));
        return page.toString();
    }

    private static String row(String name, Parameter parameter) {
        return "| `" + name + "` | " + (parameter.defaultValue() == null ? "" : "`" + parameter.defaultValue() + "`")
                + " | " + parameter.expected() + " | " + parameter.description() + " |\n";
    }
}
