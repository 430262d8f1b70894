package dev.loupe.training.catalogue;

import dev.loupe.contracts.recipe.CatalogueEntry;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The recipe catalogue over HTTP. */
@Path("/api/v1/recipes")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Recipes")
class RecipeResource {
    private final RecipeLookup recipes;

    RecipeResource(RecipeLookup recipes) {
        this.recipes = recipes;
    }

    /** All recipes of the catalogue. */
    record RecipeList(List<CatalogueEntry> items) {}

    @GET
    @Operation(summary = "List the recipes, the default one of each task first", description = """
            `parameters` is a JSON Schema (2020-12) with descriptions, defaults and ranges. The `format` of a property \
            says what its value refers to: `backbone`, `backbone-with-maps` (a backbone with a feature map of stride 4 \
            or more), `backbone-image-size`.""")
    public RecipeList list() {
        return new RecipeList(recipes.all());
    }

    @GET
    @Path("/{name}")
    @Operation(summary = "A recipe")
    public CatalogueEntry get(@PathParam("name") String name) {
        return recipes.require(name);
    }
}
