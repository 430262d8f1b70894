package dev.loupe.vision.recipe;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.victools.jsonschema.generator.Option;
import com.github.victools.jsonschema.generator.OptionPreset;
import com.github.victools.jsonschema.generator.SchemaGenerator;
import com.github.victools.jsonschema.generator.SchemaGeneratorConfigBuilder;
import com.github.victools.jsonschema.generator.SchemaVersion;
import com.github.victools.jsonschema.module.swagger2.Swagger2Module;
import dev.loupe.contracts.recipe.CatalogueEntry;
import dev.loupe.contracts.recipe.RecipeCatalogue;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Describes recipes for users: makes catalogue entries of them. As a program it writes the catalogue of compiled recipes
 * beside their classes, where their jar is to have it. Needs {@code jsonschema-generator} and
 * {@code jsonschema-module-swagger-2} on the class path.
 */
public final class CatalogueGenerator {
    private static final TypeReference<Map<String, Object>> SCHEMA = new TypeReference<>() {};
    private static final ObjectMapper JSON = new ObjectMapper();

    private CatalogueGenerator() {}

    /**
     * @param arguments the folder with compiled recipes and their service file
     */
    public static void main(String... arguments) throws IOException {
        Path classes = Path.of(arguments[0]);
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {classes.toUri().toURL()}, CatalogueGenerator.class.getClassLoader())) {
            List<TrainingRecipe<?>> own = Recipes.all(loader).stream()
                    .filter(recipe -> Files.exists(
                            classes.resolve(recipe.getClass().getName().replace('.', '/') + ".class")))
                    .toList();
            Path document = classes.resolve(RecipeCatalogue.RESOURCE);
            Files.createDirectories(document.getParent());
            Files.writeString(document, document(own));
        }
    }

    /** The document that describes these recipes. */
    public static String document(List<TrainingRecipe<?>> recipes) throws IOException {
        DefaultIndenter lines = new DefaultIndenter("  ", "\n");
        return JSON.writer(new DefaultPrettyPrinter().withObjectIndenter(lines).withArrayIndenter(lines))
                        .writeValueAsString(recipes.stream()
                                .map(CatalogueGenerator::describe)
                                .toList())
                + "\n";
    }

    /** Describes a recipe. */
    public static CatalogueEntry describe(TrainingRecipe<?> recipe) {
        return new CatalogueEntry(
                recipe.name(),
                recipe.task(),
                recipe.summary(),
                recipe.description(),
                withPackaging(schema(recipe.defaults())),
                recipe.searchSpace());
    }

    /** Adds the parameters that every recipe has. */
    private static Map<String, Object> withPackaging(ObjectNode schema) {
        ObjectNode common = schema(PackagingParameters.DEFAULTS);
        ((ObjectNode) schema.path("properties")).setAll((ObjectNode) common.path("properties"));
        return JSON.convertValue(schema, SCHEMA);
    }

    private static ObjectNode schema(Record defaults) {
        JsonNode values = JSON.valueToTree(defaults);
        List<String> order = names(defaults.getClass()).toList();
        SchemaGeneratorConfigBuilder config = new SchemaGeneratorConfigBuilder(
                        SchemaVersion.DRAFT_2020_12, OptionPreset.PLAIN_JSON)
                .with(new Swagger2Module())
                // Words of an enum are what its toString gives, which should have @JsonValue.
                .without(Option.FLATTENED_ENUMS)
                .with(Option.FLATTENED_ENUMS_FROM_TOSTRING)
                .with(Option.FORBIDDEN_ADDITIONAL_PROPERTIES_BY_DEFAULT);
        config.forTypesInGeneral()
                .withPropertySorter(
                        (one, other) -> Integer.compare(order.indexOf(one.getName()), order.indexOf(other.getName())));
        config.forFields().withDefaultResolver(field -> {
            JsonNode value = values.path(field.getName());
            return value.isMissingNode() || value.isNull() ? null : value;
        });
        ObjectNode schema = new SchemaGenerator(config.build()).generateSchema(defaults.getClass());
        return flat(defaults.getClass(), schema);
    }

    /** The names of the components; those of an unwrapped record follow its own. */
    private static Stream<String> names(Class<?> type) {
        return Arrays.stream(type.getRecordComponents())
                .flatMap(component -> isUnwrapped(component)
                        ? Stream.concat(Stream.of(component.getName()), names(component.getType()))
                        : Stream.of(component.getName()));
    }

    private static boolean isUnwrapped(RecordComponent component) {
        return component.getAccessor().isAnnotationPresent(JsonUnwrapped.class);
    }

    /** Puts the properties of unwrapped records in their place. */
    private static ObjectNode flat(Class<?> type, ObjectNode schema) {
        ObjectNode properties = JSON.createObjectNode();
        for (RecordComponent component : type.getRecordComponents()) {
            JsonNode property = schema.path("properties").path(component.getName());
            if (isUnwrapped(component)) {
                properties.setAll((ObjectNode)
                        flat(component.getType(), (ObjectNode) property).path("properties"));
            } else {
                properties.set(component.getName(), property);
            }
        }
        schema.set("properties", properties);
        return schema;
    }
}
