package dev.loupe.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.training.Selection;
import dev.loupe.contracts.training.Selection.Candidate;
import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.contracts.training.TrainerResult.Outcome;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.model.ModelManifest;
import dev.loupe.model.ModelManifest.Lineage;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.BuiltInBackbones;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run of {@code auto-anomaly}. */
class ChosenDetectorIT {
    private static final Recipe AUTO = new Recipe("auto-anomaly", Map.of("backbones", BackboneName.SCATTERING));

    @TempDir
    static Path folder;

    private static Scene scene;

    @BeforeAll
    static void start() throws IOException {
        scene = new Scene(folder);
    }

    @AfterAll
    static void close() {
        scene.close();
    }

    @Test
    void theRunHasTheCandidatesAndThePackageAndTheControlAreThoseOfTheChosenOne() throws IOException {
        TrainerSpec spec = scene.spec(UUID.randomUUID(), 1, scene.dataset(Task.ANOMALY_DETECTION, 10), AUTO);

        TrainerResult result = scene.train(Scene.with(spec, true, false));

        assertEquals(Outcome.SUCCEEDED, result.outcome(), () -> String.valueOf(result.failure()));
        Selection selection = result.selection();
        assertTrue(selection.candidates().size() > 5, selection.toString());
        Recipe chosen = selection.chosenRecipe();
        assertEquals(chosen.name() + " on a random network", result.control().name());
        ModelManifest made = ModelPackage.parse(scene.store.read(scene.at(result.packageKey())));
        assertFalse(result.warnings().isEmpty());
        assertEquals(made.warnings(), result.warnings());
        Lineage lineage = made.lineage();
        assertEquals("auto-anomaly", lineage.recipe().get("name"));
        assertEquals(chosen.name(), ((Map<?, ?>) lineage.recipe().get("chosen")).get("name"));
        assertEquals(BackboneName.SCATTERING, lineage.backbone().name());
    }

    @Test
    void theBackboneOfAnotherSizeIsTheOneInThePackage() throws IOException {
        TrainerSpec spec = scene.spec(UUID.randomUUID(), 1, scene.dataset(Task.ANOMALY_DETECTION, 2), AUTO);
        List<Backbone> backbones = List.of(BuiltInBackbones.of(BackboneName.SCATTERING, null));

        assertEquals(
                backbones.getFirst().sha256(),
                lineage(spec, backbones, Map.of("backbone", BackboneName.SCATTERING))
                        .backbone()
                        .sha256());
        assertEquals(
                BuiltInBackbones.of(BackboneName.SCATTERING, 96).sha256(),
                lineage(spec, backbones, Map.of("backbone", BackboneName.SCATTERING, "imageSize", 96))
                        .backbone()
                        .sha256());
    }

    private static Lineage lineage(TrainerSpec spec, List<Backbone> backbones, Map<String, Object> parameters) {
        Candidate only = new Candidate("only", new Recipe("patchcore", parameters), Map.of(), 1, null, null);
        return Provenance.lineage(spec, backbones, new Selection("only", "the only one", List.of(only)));
    }
}
