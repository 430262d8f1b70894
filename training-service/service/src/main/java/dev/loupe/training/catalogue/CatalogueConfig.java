package dev.loupe.training.catalogue;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;
import java.util.Optional;

/** Configuration of the recipe catalogue. */
@ConfigMapping(prefix = "loupe.training.recipes")
public interface CatalogueConfig {
    /** Folder with jars of further recipes, read with each request; absent: Loupe's own recipes only. */
    Optional<Path> directory();
}
