package dev.loupe.training.catalogue;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.recipe.CatalogueEntry;
import dev.loupe.contracts.recipe.InvalidRecipeException;
import dev.loupe.contracts.recipe.Parameter;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.training.backbone.Backbones;
import dev.loupe.training.dataset.FrozenVersion;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Checks recipes against the catalogue, dataset versions and backbones. */
@ApplicationScoped
public class RecipeRules {
    private final RecipeLookup recipes;
    private final Backbones backbones;

    RecipeRules(RecipeLookup recipes, Backbones backbones) {
        this.recipes = recipes;
        this.backbones = backbones;
    }

    /**
     * Returns the recipe with values for all of its parameters.
     *
     * @throws ServiceException {@code RECIPE_NOT_FOUND}, {@code RECIPE_INVALID} or {@code BACKBONE_NOT_FOUND} with the
     *     reason
     */
    public Recipe check(Recipe asked, FrozenVersion version) {
        CatalogueEntry entry = recipes.require(asked.name());
        checkData(entry, version);
        Recipe recipe;
        try {
            recipe = entry.with(asked.parameters());
        } catch (InvalidRecipeException e) {
            throw new ServiceException(ErrorCode.RECIPE_INVALID, "recipe: " + e.getMessage(), e);
        }
        recipe = withAllBackbones(entry, recipe);
        boolean chooses = entry.parameter(List.of(Parameter.BACKBONES)).isPresent();
        for (String backbone : entry.backbones(recipe)) {
            if (chooses && BackboneName.isControl(backbone)) {
                throw invalid("backbones: expected backbones to choose among, got the control '" + backbone + "'");
            }
            checkBackbone(entry, recipe, backbone);
        }
        if (chooses && entry.task() == Task.ANOMALY_DETECTION) {
            backbones.requireFeatureMap(
                    entry.backbones(recipe).getFirst()); // that of the default, which is always tried
        }
        return recipe;
    }

    /** Names all backbones where a recipe chooses among them and none is named, so that another run can repeat this. */
    private Recipe withAllBackbones(CatalogueEntry entry, Recipe recipe) {
        String parameter = entry.parameter(List.of(Parameter.BACKBONES)).orElse(null);
        if (parameter == null || recipe.parameters().get(parameter) != null) {
            return recipe;
        }
        Map<String, Object> parameters = new LinkedHashMap<>(recipe.parameters());
        parameters.put(
                parameter,
                Stream.concat(Stream.of(BackboneName.SCATTERING), backbones.names().stream())
                        .collect(Collectors.joining(",")));
        return new Recipe(recipe.name(), parameters);
    }

    private static void checkData(CatalogueEntry entry, FrozenVersion version) {
        String data = "dataset version " + version.number() + " of '" + version.projectName() + "'";
        if (version.task() != entry.task()) {
            throw invalid("'" + entry.name() + "' is for " + entry.task() + ", and '" + version.projectName()
                    + "' is a project of " + version.task());
        }
        if (version.trainImages() == 0) {
            throw invalid(data + " has no TRAIN images to learn from");
        }
        switch (entry.task()) {
            case CLASSIFICATION -> {
                if (version.classes() == 1) {
                    throw invalid("a classifier needs two classes or more, and " + data + " has one");
                }
            }
            case ANOMALY_DETECTION -> {
                if (version.devImages() == 0) {
                    throw invalid("anomaly detection needs normal DEV images to choose its threshold on, and " + data
                            + " has none of its " + version.trainImages() + " TRAIN and " + version.testImages()
                            + " TEST images there: add normal images, three or more, and freeze again");
                }
            }
        }
    }

    private void checkBackbone(CatalogueEntry entry, Recipe recipe, String backbone) {
        if (entry.parameter(List.of(Parameter.BACKBONE_WITH_MAPS)).isPresent()) {
            backbones.requireFeatureMap(backbone);
        } else {
            backbones.resolve(backbone);
        }
        if (!List.of(BackboneName.SCATTERING, BackboneName.HOG).contains(backbone)) {
            entry.backboneImageSize(recipe).ifPresent(size -> {
                throw invalid(
                        "imageSize: the backbone '" + backbone + "' takes images of its own size only, got " + size);
            });
        }
    }

    private static ServiceException invalid(String message) {
        return new ServiceException(ErrorCode.RECIPE_INVALID, "recipe: " + message);
    }
}
