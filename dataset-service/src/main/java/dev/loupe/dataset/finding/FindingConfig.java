package dev.loupe.dataset.finding;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Rules that depend on the images of a project. */
@ConfigMapping(prefix = "loupe.findings")
interface FindingConfig {
    /**
     * Most bits, 0 to 7, of the perceptual hashes of two images that may differ if they are near duplicates. 0 finds
     * copies only; more than 4 also finds different photos of the same scene.
     */
    @WithDefault("4")
    int maxHashDistance();
}
