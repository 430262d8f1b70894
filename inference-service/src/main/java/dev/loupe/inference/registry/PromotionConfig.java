package dev.loupe.inference.registry;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Conditions for a promotion. */
@ConfigMapping(prefix = "loupe.inference.promotion")
interface PromotionConfig {
    /** How much lower than the incumbent's the candidate's accuracy or AUROC may be, on the same TEST images. */
    @WithDefault("0.005")
    double tolerance();
}
