package dev.loupe.contracts.recipe;

import java.util.List;

/** Names of backbones that recipes use: a built-in one, an imported one, or an imported one with random weights. */
public final class BackboneName {
    /** Name of the built-in scattering network. */
    public static final String SCATTERING = "scattering";

    /** Name of the built-in histograms of oriented gradients. */
    public static final String HOG = "hog";

    /** Name of the control: a network with random weights. */
    public static final String RANDOM = "random";

    /** Prefix of an imported backbone's name that selects its network with random weights, as a control. */
    public static final String RANDOM_WEIGHTS_PREFIX = RANDOM + ":";

    /** The built-in backbones. */
    public static final List<String> BUILT_IN = List.of(SCATTERING, HOG, RANDOM);

    private BackboneName() {}

    /** Whether this name selects a network with random weights, as a control. */
    public static boolean isControl(String name) {
        return name.equals(RANDOM) || hasRandomWeights(name);
    }

    /** Whether this name selects random weights for an imported backbone. */
    public static boolean hasRandomWeights(String name) {
        return name.startsWith(RANDOM_WEIGHTS_PREFIX);
    }

    /** The name under which the backbone was imported. */
    public static String imported(String name) {
        return hasRandomWeights(name) ? name.substring(RANDOM_WEIGHTS_PREFIX.length()) : name;
    }
}
