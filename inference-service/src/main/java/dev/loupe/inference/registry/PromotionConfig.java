package dev.loupe.inference.registry;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Conditions for a promotion. */
@ConfigMapping(prefix = "loupe.inference.promotion")
interface PromotionConfig {
    /**
     * How much lower than the incumbent's the candidate's accuracy or AUROC may be, on the same TEST images, if the
     * policy of the project names no tolerance.
     */
    @WithDefault("0.005")
    double tolerance();

    /** Time after which a promotion that waits for approval can no longer be approved. */
    @WithDefault("7d")
    Duration requestLifetime();
}
