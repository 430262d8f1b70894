package dev.loupe.contracts.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import dev.loupe.contracts.Task;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A recipe as the catalogue describes it.
 *
 * @param name name of the recipe
 * @param task task of the projects that it is for
 * @param summary what it does, in one line
 * @param description how it works, in Markdown; empty if that is not described
 * @param parameters JSON Schema (2020-12) of its parameters: an object whose properties are numbers, booleans and
 *     strings, each with its description, and its default if it has one
 * @param search parameters that a search varies unless it is told others, with the values that it tries; may be empty
 */
public record CatalogueEntry(
        String name,
        Task task,
        String summary,
        String description,
        Map<String, Object> parameters,
        Map<String, SearchRange> search) {

    private static final String NAME = "[a-z][a-z0-9-]{0,62}";
    private static final Set<String> TYPES = Set.of("integer", "number", "boolean", "string");
    private static final Set<String> KNOWN_RULES = Set.of("type", "minimum", "maximum", "multipleOf", "enum");
    private static final int MAX_VALUE_LENGTH = 100;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Loaded when parameters are checked, because it takes a moment. */
    private static final class Schemas {
        private static final JsonSchemaFactory FACTORY = JsonSchemaFactory.getInstance(VersionFlag.V202012);
    }

    public CatalogueEntry {
        if (name == null || !name.matches(NAME)) {
            throw new IllegalArgumentException("recipe: expected a name " + NAME + ", got '" + name + "'");
        }
        if (task == null || summary == null || parameters == null) {
            throw new IllegalArgumentException("recipe '" + name + "': expected a task, a summary and parameters");
        }
        description = description == null ? "" : description;
        search = search == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(search));
        parametersOf(parameters).forEach((parameter, schema) -> {
            if (!TYPES.contains(schema.type())) {
                throw new IllegalArgumentException("recipe '" + name + "': parameter '" + parameter
                        + "': expected one of the types " + TYPES + ", got " + schema.type());
            }
        });
    }

    /** The parameters by name, in the order of the form. */
    public Map<String, Parameter> parametersByName() {
        return parametersOf(parameters);
    }

    private static Map<String, Parameter> parametersOf(Map<String, Object> schema) {
        Map<String, Parameter> byName = new LinkedHashMap<>();
        JSON.valueToTree(schema)
                .path("properties")
                .properties()
                .forEach(property ->
                        byName.put(property.getKey(), JSON.convertValue(property.getValue(), Parameter.class)));
        return byName;
    }

    /**
     * Returns this recipe with these parameters, and with defaults for the others.
     *
     * @throws InvalidRecipeException if the parameters do not match the schema
     */
    public Recipe with(Map<String, ?> given) {
        JsonNode values = JSON.valueToTree(given);
        JsonSchema schema = Schemas.FACTORY.getSchema(JSON.<JsonNode>valueToTree(parameters));
        String errors = schema.validate(values).stream()
                .map(error -> inWords(error, values))
                .distinct()
                .collect(Collectors.joining("; "));
        if (!errors.isEmpty()) {
            throw new InvalidRecipeException(errors);
        }
        Map<String, Object> complete = new LinkedHashMap<>();
        parametersByName().forEach((parameter, form) -> {
            Object value = given.containsKey(parameter) ? given.get(parameter) : form.defaultValue();
            if (value != null) {
                complete.put(parameter, value);
            }
        });
        return new Recipe(name, complete);
    }

    private String inWords(ValidationMessage error, JsonNode values) {
        String parameter =
                error.getProperty() == null ? error.getInstanceLocation().getName(-1) : error.getProperty();
        Parameter form = parametersByName().get(parameter);
        String got = values.has(parameter) ? shortened(values.get(parameter).toString()) : "nothing";
        if (form == null) {
            return parameter + ": '" + name + "' has no such parameter, expected "
                    + String.join(", ", parametersByName().keySet()) + ", got " + got;
        }
        if (KNOWN_RULES.contains(error.getType()) || !values.has(parameter)) {
            return parameter + ": expected " + form.expected() + ", got " + got;
        }
        return parameter + ": " + error.getError() + ", got " + got;
    }

    private static String shortened(String value) {
        return value.length() <= MAX_VALUE_LENGTH ? value : value.substring(0, MAX_VALUE_LENGTH) + "…";
    }

    /** The backbones that a recipe of this name uses; empty if it uses none. */
    public List<String> backbones(Recipe recipe) {
        return value(recipe, List.of(Parameter.BACKBONE, Parameter.BACKBONE_WITH_MAPS, Parameter.BACKBONES))
                .map(names -> Stream.of(String.valueOf(names).split(","))
                        .map(String::strip)
                        .distinct()
                        .toList())
                .orElse(List.of());
    }

    /** The image size that a recipe of this name asks its backbone for, empty for the backbone's own. */
    public Optional<Integer> backboneImageSize(Recipe recipe) {
        return value(recipe, List.of(Parameter.BACKBONE_IMAGE_SIZE))
                .filter(Number.class::isInstance)
                .map(size -> ((Number) size).intValue());
    }

    private Optional<Object> value(Recipe recipe, List<String> formats) {
        return parameter(formats).map(recipe.parameters()::get);
    }

    /** Name of the parameter with one of these formats, empty if there is none. */
    public Optional<String> parameter(List<String> formats) {
        return parametersByName().entrySet().stream()
                .filter(one -> one.getValue().format() != null
                        && formats.contains(one.getValue().format()))
                .map(Map.Entry::getKey)
                .findFirst();
    }
}
