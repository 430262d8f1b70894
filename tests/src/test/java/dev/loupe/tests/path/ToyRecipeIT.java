package dev.loupe.tests.path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion.VersionFlag;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Json;
import dev.loupe.client.ProblemException;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.CatalogueEntry;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.recipe.RecipeCatalogue;
import dev.loupe.recipes.toy.ToyParameters;
import dev.loupe.recipes.toy.ToyRecipe;
import dev.loupe.tests.path.LoupeProgram.Ended;
import dev.loupe.vision.recipe.CatalogueGenerator;
import dev.loupe.vision.recipe.TrainingRecipe;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A third-party recipe: its jar is added to a running Loupe, which trains with it. */
@ExtendWith(RunningStack.class)
class ToyRecipeIT {
    private static final String PROJECT = "toy-colours";
    private static final Path JAR = RunningStack.DATA.resolve("recipes/toy.jar");

    @TempDir
    Path folder;

    @Test
    void trainsARecipeOfAJarThroughApiAndCommandLine() throws Exception {
        Connection loupe = RunningStack.loupe();
        Files.deleteIfExists(JAR); // of an earlier run of the tests in this folder
        loupe.datasets().createProject(PROJECT, Task.CLASSIFICATION, null);
        loupe.datasets().importImages(PROJECT, images());
        loupe.datasets().freeze(PROJECT, 1L, null);
        assertTrue(loupe.training().recipes().find("toy").isEmpty());

        addJar();

        CatalogueEntry toy = loupe.training().recipes().find("toy").orElseThrow();
        JsonNode schema = Json.of(toy.parameters());
        assertEquals(
                Set.of(),
                JsonSchemaFactory.getInstance(VersionFlag.V202012)
                        .getSchema(SchemaLocation.of(schema.path("$schema").asText()))
                        .validate(schema),
                "its form is a JSON Schema");
        assertEquals(
                Map.of("colours", "RGB", "sharpness", 100.0, "quantize", "off"),
                toy.with(Map.of()).parameters());

        ProblemException refused = assertThrows(
                ProblemException.class,
                () -> TrainedProject.train(PROJECT, new Recipe("toy", Map.of("sharpness", 0)), 1, false));
        assertEquals("RECIPE_INVALID", refused.code());
        JsonNode run = TrainedProject.train(PROJECT, new Recipe("toy", Map.of("sharpness", 50)), 1, true);
        assertEquals("SUCCEEDED", run.path("state").asText(), run.toPrettyString());
        assertEquals(1, run.at("/metrics/accuracy").asDouble(), run.toPrettyString());
        assertEquals("RGB", run.at("/recipe/parameters/colours").asText());
        JsonNode version = loupe.models().awaitReady(PROJECT, run.path("id").asText());
        assertEquals("toy", version.path("recipe").asText(), version.toPrettyString());

        assertTrue(loupe("recipes").output().contains("toy"));
        assertTrue(loupe("recipes", "toy").output().contains("one of RGB, BRIGHTNESS"));
        assertEquals(
                2,
                loupe("train", PROJECT, "--recipe", "toy", "-P", "colours=GREY").status());
        Ended trained = loupe(
                "train",
                PROJECT,
                "--recipe",
                "toy",
                "-P",
                "colours=BRIGHTNESS",
                "--no-register",
                "--wait",
                "-o",
                "json");
        assertEquals(0, trained.status(), trained.output());
        assertTrue(trained.output().contains("\"colours\" : \"BRIGHTNESS\""), trained.output());
    }

    /** Builds the recipe's jar: classes, service file and catalogue document. */
    private static void addJar() throws IOException {
        Files.createDirectories(JAR.getParent());
        Path draft = JAR.resolveSibling("toy.draft");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(draft))) {
            for (Class<?> type : List.of(ToyRecipe.class, ToyParameters.class, ToyParameters.Colours.class)) {
                String path = type.getName().replace('.', '/') + ".class";
                add(
                        out,
                        path,
                        ToyRecipe.class
                                .getClassLoader()
                                .getResourceAsStream(path)
                                .readAllBytes());
            }
            add(out, "META-INF/services/" + TrainingRecipe.class.getName(), bytes(ToyRecipe.class.getName()));
            add(out, RecipeCatalogue.RESOURCE, bytes(CatalogueGenerator.document(List.of(new ToyRecipe()))));
        }
        Files.move(draft, JAR);
    }

    private static void add(JarOutputStream jar, String path, byte[] content) throws IOException {
        jar.putNextEntry(new ZipEntry(path));
        jar.write(content);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Bright and dark reddish images, in folders by split and class. */
    private Path images() throws IOException {
        Path root = folder.resolve("images");
        for (String split : List.of("train", "test")) {
            for (int i = 0; i < 8; i++) {
                boolean bright = i % 2 == 0;
                BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
                Graphics2D pen = image.createGraphics();
                pen.setColor(bright ? new Color(220, 180 + i, 170) : new Color(80, 50 + i, 40));
                pen.fillRect(0, 0, 32, 32);
                pen.setColor(split.equals("train") ? Color.GRAY : Color.LIGHT_GRAY);
                pen.fillRect(i, i, 3, 3);
                pen.dispose();
                Path label = Files.createDirectories(root.resolve(split).resolve(bright ? "bright" : "dark"));
                ImageIO.write(image, "png", label.resolve(i + ".png").toFile());
            }
        }
        return root;
    }

    private Ended loupe(String... arguments) throws IOException, InterruptedException {
        return new LoupeProgram(folder, Map.of())
                .run(Stream.concat(Stream.of(arguments), Stream.of("--data", RunningStack.DATA.toString()))
                        .toList());
    }
}
