package dev.loupe.vision.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.evaluation.EvaluationReport.Estimate;
import dev.loupe.contracts.recipe.Recipe;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ControlAdviceTest {
    private static final Recipe SCATTERING = new Recipe("transfer", Map.of("backbone", "scattering"));
    private static final Estimate NONE = new Estimate(0, -0.02, 0.02);

    @Test
    void ofABuiltInBackboneIsAPretrainedOne() {
        assertTrue(advice(SCATTERING, 0.6, NONE).startsWith("Try a pretrained backbone: ./loupe backbones get "));
    }

    @Test
    void namesAnImportedBackboneThatGivesNothing() {
        Recipe recipe = new Recipe("patchcore", Map.of("backbone", "own-net"));
        assertTrue(advice(recipe, 0.6, NONE).startsWith("The backbone 'own-net' gives no better features"));
    }

    @Test
    void doesNotNameTheBackboneThatWasTried() {
        String advice = advice(new Recipe("transfer", Map.of("backbone", "efficientnet-lite0")), 0.6, NONE);
        assertTrue(advice.contains("try scattering, or one of torchvision"), advice);
        assertFalse(advice.contains("backbones get"), advice);
    }

    @Test
    void ofANetworkThatIsTrainedIsAboutItsTraining() {
        String advice = advice(Recipe.of("scratch"), 0.6, NONE);
        assertTrue(advice.contains("more epochs"), advice);
        assertFalse(advice.contains("pretrained"), advice);
    }

    @Test
    void isMoreImagesWhereTheyWouldDecide() {
        assertTrue(advice(SCATTERING, 0.6, new Estimate(0.2, null, null)).startsWith("There are too few TEST images"));
        assertTrue(advice(SCATTERING, 0.6, new Estimate(0.05, -0.05, 0.15)).startsWith("The interval is wide"));
    }

    @Test
    void isAboutTheImagesIfTheyAreEasy() {
        List<String> advice = ControlAdvice.of(SCATTERING, 0.99, NONE, Split.TEST);
        assertEquals(1, advice.size());
        assertTrue(advice.getFirst().contains("easy to tell apart"), advice.toString());
    }

    private static String advice(Recipe recipe, double control, Estimate difference) {
        return String.join(" ", ControlAdvice.of(recipe, control, difference, Split.TEST));
    }
}
