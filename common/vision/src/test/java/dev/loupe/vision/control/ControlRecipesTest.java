package dev.loupe.vision.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.vision.recipe.Recipes;
import dev.loupe.vision.recipe.TrainingRecipe;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ControlRecipesTest {
    /** {@code auto} has the control of the recipe that it chooses; the others train networks. */
    private static final Set<String> WITHOUT_FROZEN_FEATURES =
            Set.of("auto", "auto-anomaly", "autoencoder", "finetune", "scratch", "student-teacher");

    @Test
    void ofEachBuiltInRecipeIsDecidedWhetherItHasFrozenFeatures() {
        Set<String> builtIn = Recipes.all(getClass().getClassLoader()).stream()
                .filter(recipe -> recipe.getClass().getName().startsWith("dev.loupe.vision.recipe."))
                .map(TrainingRecipe::name)
                .collect(Collectors.toSet());
        Set<String> decided = new TreeSet<>(WITHOUT_FROZEN_FEATURES);
        decided.addAll(ControlTraining.TRAIN_IMAGES.keySet());
        assertEquals(new TreeSet<>(builtIn), decided);
    }
}
