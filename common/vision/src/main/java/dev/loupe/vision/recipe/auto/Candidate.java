package dev.loupe.vision.recipe.auto;

import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.model.backbone.Backbone;

/**
 * A recipe to try.
 *
 * @param name its name in reports
 * @param recipe the recipe, with the parameters that differ from its defaults
 * @param backbone its backbone, null if it needs none
 * @param measureOnly whether it is measured only, and can't become the model: a probe, or the control
 */
record Candidate(String name, Recipe recipe, Backbone backbone, boolean measureOnly) {}
