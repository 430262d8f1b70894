package dev.loupe.vision.recipe.classical;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What learns from the features. */
public enum Learner {
    LOGISTIC_REGRESSION,
    LINEAR_SVM,
    RBF_SVM,
    DECISION_TREE,
    RANDOM_FOREST,
    K_NEAREST_NEIGHBOURS;

    /** The name in requests: {@code rbf-svm}. */
    @JsonValue
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
