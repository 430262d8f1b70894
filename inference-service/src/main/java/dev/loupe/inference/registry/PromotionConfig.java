package dev.loupe.inference.registry;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** When a version may take an alias. */
@ConfigMapping(prefix = "loupe.inference.promotion")
interface PromotionConfig {
    /** How much smaller than the holder's the candidate's accuracy or AUROC may be, on the same TEST images. */
    @WithDefault("0.005")
    double tolerance();
}
