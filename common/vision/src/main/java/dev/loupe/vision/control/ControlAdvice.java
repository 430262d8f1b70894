package dev.loupe.vision.control;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.evaluation.EvaluationReport.Estimate;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.recipe.Recipe;
import java.util.ArrayList;
import java.util.List;

/** What to do if a model is not shown to be better than its control, in sentences. */
final class ControlAdvice {
    /** From this value on, little is left to gain. */
    private static final double NEARLY_PERFECT = 0.98;
    /** From this width of the interval on, more images would decide. */
    private static final double WIDE = 0.1;

    /** The one that a command gets. */
    private static final String PRETRAINED = "efficientnet-lite0";

    private static final String GET_PRETRAINED =
            "./loupe backbones get " + PRETRAINED + " --yes, then --backbone " + PRETRAINED + ".";

    private ControlAdvice() {}

    /**
     * @param recipe recipe of the model
     * @param control main metric of the control
     * @param difference what the model has more
     * @param split split that both were measured on
     */
    static List<String> of(Recipe recipe, double control, Estimate difference, Split split) {
        List<String> advice = new ArrayList<>();
        if (control >= NEARLY_PERFECT) {
            advice.add(
                    "These images are easy to tell apart even for the control: add images that are hard, as they occur in"
                            + " production, or accept that this measurement cannot tell models apart.");
            return advice;
        }
        if (difference.low() == null) {
            advice.add("There are too few " + split + " images to tell: add some.");
        } else if (difference.high() - difference.low() >= WIDE && difference.value() > 0) {
            advice.add("The interval is wide: add " + split + " images, which make it narrower.");
        }
        advice.add(about(recipe));
        advice.add("Add TRAIN images, and look at the wrong predictions: their labels may be wrong.");
        return advice;
    }

    private static String about(Recipe recipe) {
        return switch (recipe.name()) {
            case "transfer", "classical", "patchcore", "padim", "gaussian" ->
                ofBackbone(recipe.parameters().get("backbone"));
            case "autoencoder", "student-teacher" -> ofTrainedNetwork("patchcore");
            default -> ofTrainedNetwork("transfer");
        };
    }

    private static String ofTrainedNetwork(String frozen) {
        return "The network that the run trained gives no better answers than random weights: train for more epochs, with"
                + " another learning rate, or use a frozen backbone (--recipe " + frozen + ").";
    }

    private static String ofBackbone(Object name) {
        if (name == null || BackboneName.BUILT_IN.contains(name)) {
            return "Try a pretrained backbone: " + GET_PRETRAINED;
        }
        return "The backbone '" + name + "' gives no better features than random weights: try "
                + (name.equals(PRETRAINED)
                        ? "scattering, or one of torchvision or timm (docs/guides/backbones.md has the commands)."
                        : "another one: " + GET_PRETRAINED);
    }
}
