package dev.loupe.training.catalogue;

import dev.loupe.contracts.recipe.CatalogueEntry;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.recipe.RecipeCatalogue;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.stream.Collectors;

/** The recipes that this service can train: Loupe's own, and those of jars in the configured folder. */
@ApplicationScoped
public class RecipeLookup {
    private final CatalogueConfig config;

    RecipeLookup(CatalogueConfig config) {
        this.config = config;
    }

    /** All recipes. The folder is read each time, so a jar that is added needs no restart. */
    List<CatalogueEntry> all() {
        return catalogue().recipes();
    }

    private RecipeCatalogue catalogue() {
        return RecipeCatalogue.with(config.directory().orElse(null));
    }

    /**
     * Returns the recipe with this name.
     *
     * @throws ServiceException {@code RECIPE_NOT_FOUND} with the names that exist
     */
    public CatalogueEntry require(String name) {
        RecipeCatalogue catalogue = catalogue();
        return catalogue
                .find(name)
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.RECIPE_NOT_FOUND,
                        "recipe: expected one of "
                                + catalogue.recipes().stream()
                                        .map(CatalogueEntry::name)
                                        .collect(Collectors.joining(", "))
                                + ", got " + QuotedInput.of(name)));
    }

    /** The backbones that a recipe names; empty if it names none, or is not in the catalogue any more. */
    public List<RecipeBackbone> backbones(Recipe recipe) {
        return catalogue().find(recipe.name()).stream()
                .flatMap(entry -> entry.backbones(recipe).stream()
                        .map(name -> new RecipeBackbone(
                                name, entry.backboneImageSize(recipe).orElse(null))))
                .toList();
    }

    /**
     * A backbone of a recipe.
     *
     * @param name its name
     * @param imageSize image size that the recipe asks for; null: the backbone's own
     */
    public record RecipeBackbone(String name, Integer imageSize) {}
}
