package dev.loupe.vision.recipe.auto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.imaging.ImagePreparation.Fit;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.net.RandomBackbones;
import dev.loupe.vision.recipe.RegionParameters;
import dev.loupe.vision.recipe.patchcore.Products;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainingJob;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnomalyShortListTest {
    private static final Backbone IMPORTED = RandomBackbones.mobileNet(0);
    private static final TrainingJob JOB = new TrainingJob(
            List.of(),
            List.of("normal", "abnormal"),
            List.of(Scattering.backbone(96), IMPORTED),
            0,
            1,
            Path.of("target"),
            Progress.NONE,
            Checkpoints.NONE);

    @Test
    void allCandidatesLookAtTheRegion() {
        RegionParameters region = new RegionParameters(Fit.PAD, 0.25, 0, 0, 0.125);
        Map<String, Object> ofAll = new AutoAnomalyParameters(null, 60, Products.SHARED, region).ofAll();

        assertEquals(Map.of("fit", "pad", "marginLeft", 0.25, "marginBottom", 0.125), ofAll);
        List<Candidate> probes = AnomalyShortList.probes(JOB, ofAll);
        List<Candidate> all = new ArrayList<>(probes);
        all.add(AnomalyShortList.standard(JOB, ofAll));
        for (Candidate probe : List.of(probes.getFirst(), probes.getLast())) {
            all.addAll(AnomalyShortList.variations(probe, ofAll, _ -> 2));
        }
        all.addAll(AnomalyShortList.others(IMPORTED, ofAll));
        for (Candidate candidate : all) {
            ofAll.forEach((name, value) ->
                    assertEquals(value, candidate.recipe().parameters().get(name), candidate.toString()));
            assertTrue(!candidate.name().contains("margin"), candidate.name());
        }
    }

    @Test
    void theWholeImageNeedsNoParameter() {
        assertEquals(Map.of(), AutoAnomalyParameters.DEFAULTS.ofAll());
    }

    @Test
    void tilesAreTriedOfImagesThatAreReducedMuch() {
        Candidate probe = AnomalyShortList.probes(JOB, Map.of()).stream()
                .filter(candidate -> candidate.backbone() == IMPORTED)
                .findFirst()
                .orElseThrow();
        assertEquals(1, tiled(AnomalyShortList.variations(probe, Map.of(), _ -> 1.5)));
        assertEquals(0, tiled(AnomalyShortList.variations(probe, Map.of(), _ -> 1.4)));
        Candidate builtIn = AnomalyShortList.probes(JOB, Map.of()).getFirst();
        assertEquals(0, tiled(AnomalyShortList.variations(builtIn, Map.of(), _ -> 1.5)), "it has an image size");
    }

    private static long tiled(List<Candidate> candidates) {
        return candidates.stream()
                .filter(candidate -> Integer.valueOf(2)
                        .equals(candidate.recipe().parameters().get("tiles")))
                .count();
    }
}
