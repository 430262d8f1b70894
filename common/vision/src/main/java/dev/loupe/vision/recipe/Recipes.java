package dev.loupe.vision.recipe;

import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** The recipes on the class path. */
public final class Recipes {
    private Recipes() {}

    /** All recipes, in the order of their service files. */
    public static List<TrainingRecipe<?>> all(ClassLoader loader) {
        return ServiceLoader.load(TrainingRecipe.class, loader).stream()
                .<TrainingRecipe<?>>map(ServiceLoader.Provider::get)
                .toList();
    }

    /**
     * Returns the recipe with this name.
     *
     * @throws IllegalArgumentException if there is none; the message names those that exist
     */
    public static TrainingRecipe<?> require(String name, ClassLoader loader) {
        List<TrainingRecipe<?>> all = all(loader);
        return all.stream()
                .filter(recipe -> recipe.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("recipe: expected one of "
                        + all.stream().map(TrainingRecipe::name).collect(Collectors.joining(", ")) + ", got '" + name
                        + "'"));
    }
}
