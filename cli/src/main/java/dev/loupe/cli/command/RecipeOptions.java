package dev.loupe.cli.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.server.Json;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.CatalogueEntry;
import dev.loupe.contracts.recipe.InvalidRecipeException;
import dev.loupe.contracts.recipe.Parameter;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.recipe.RecipeCatalogue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Adds an option for each parameter of Loupe's own recipes to a command, and makes a {@link Recipe} of them. */
final class RecipeOptions implements IModelTransformer {

    /**
     * An option.
     *
     * @param name its name: {@code --batch-size}
     * @param parameter name of the parameter that it sets, in each recipe that has it
     * @param forms the parameter, by the name of the recipe
     */
    record RecipeOption(String name, String parameter, Map<String, Parameter> forms) {
        /** What it sets, with the recipes and their defaults; a line for each meaning. */
        List<String> descriptions() {
            Map<String, String> recipes = new LinkedHashMap<>();
            forms.forEach((recipe, form) -> recipes.merge(
                    form.description() + "; " + form.expected(),
                    form.defaultValue() == null ? recipe : recipe + ": " + form.defaultValue(),
                    (one, other) -> one + ", " + other));
            return recipes.entrySet().stream()
                    .map(meaning -> meaning.getKey() + " (" + meaning.getValue() + ")")
                    .toList();
        }

        private String label() {
            Parameter form = forms.values().iterator().next();
            return form.isBackbone() ? "NAME" : form.type().equals("integer") ? "N" : "VALUE";
        }
    }

    /** The options, in the order of the catalogue. */
    static List<RecipeOption> all() {
        Map<String, Map<String, Parameter>> parameters = new LinkedHashMap<>();
        for (CatalogueEntry recipe : RecipeCatalogue.builtIn().recipes()) {
            recipe.parametersByName().forEach((name, form) -> parameters
                    .computeIfAbsent(name, _ -> new LinkedHashMap<>())
                    .put(recipe.name(), form));
        }
        return parameters.entrySet().stream()
                .map(parameter ->
                        new RecipeOption(option(parameter.getKey()), parameter.getKey(), parameter.getValue()))
                .toList();
    }

    /** {@code batchSize} becomes {@code --batch-size}. */
    static String option(String parameter) {
        return "--" + parameter.replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT);
    }

    @Override
    public CommandSpec transform(CommandSpec command) {
        ArgGroupSpec.Builder group = ArgGroupSpec.builder()
                .heading("Parameters of recipes:%n")
                .exclusive(false)
                .validate(false);
        for (RecipeOption option : all()) {
            group.addArg(OptionSpec.builder(option.name())
                    .type(String.class)
                    .paramLabel(option.label())
                    .description(option.descriptions().toArray(String[]::new))
                    .build());
        }
        return command.addArgGroup(group.build());
    }

    /** The parameters that were given as options of their own, by name. */
    static Map<String, String> given(ParseResult parsed) {
        Map<String, String> given = new TreeMap<>();
        for (RecipeOption option : all()) {
            String value = parsed.matchedOptionValue(option.name(), null);
            if (value != null) {
                given.put(option.parameter(), value);
            }
        }
        return given;
    }

    /**
     * Makes a recipe.
     *
     * @param catalogue recipes of the server
     * @param name name of the recipe; null: the first one for the task that has these parameters, which is its default
     *     without parameters
     * @param given values of parameters, as they were typed
     * @throws UsageException if there is no such recipe, or it does not take these parameters
     */
    static Recipe recipe(RecipeCatalogue catalogue, Task task, String name, Map<String, String> given) {
        CatalogueEntry entry = (name == null ? catalogue.firstFor(task, given.keySet()) : catalogue.find(name))
                .orElseThrow(() -> new UsageException("--recipe: expected one of "
                        + catalogue.recipes().stream().map(CatalogueEntry::name).collect(Collectors.joining(", "))
                        + ", got " + name));
        Recipe recipe = given(entry, given);
        try {
            entry.with(recipe.parameters());
        } catch (InvalidRecipeException wrong) {
            throw new UsageException(wrong.getMessage(), wrong);
        }
        return recipe;
    }

    /** A recipe with values of some parameters, as they were typed; the service checks them. */
    static Recipe given(CatalogueEntry entry, Map<String, String> given) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        given.forEach((parameter, text) ->
                parameters.put(parameter, value(entry.parametersByName().get(parameter), text)));
        return new Recipe(entry.name(), parameters);
    }

    /** A number or a truth value where the parameter is one, if the text is. */
    private static Object value(Parameter parameter, String text) {
        if (parameter != null && !parameter.type().equals("string")) {
            try {
                return Json.read(text);
            } catch (JsonProcessingException notJson) {
                return text; // refused with what was expected
            }
        }
        return text;
    }
}
