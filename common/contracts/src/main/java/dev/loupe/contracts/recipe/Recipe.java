package dev.loupe.contracts.recipe;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a model is trained.
 *
 * @param name name of a recipe in the catalogue
 * @param parameters values of its parameters, by name; a parameter that is absent has its default
 */
public record Recipe(String name, Map<String, Object> parameters) {
    /** In place of a recipe, the name that runs have which import a model. It is in no catalogue. */
    public static final String IMPORTED = "imported";

    public Recipe {
        if (name == null || name.isBlank()) {
            throw new IllegalArgumentException("recipe: expected a name, got nothing");
        }
        parameters = parameters == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }

    /** A recipe with defaults for all of its parameters. */
    public static Recipe of(String name) {
        return new Recipe(name, Map.of());
    }
}
