package dev.loupe.training.backbone;

import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.training.TrainerSpec.BackboneFile;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectLocation;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/** The backbones in the database. A name always identifies the same file. */
@ApplicationScoped
public class Backbones {
    /** Smallest stride of a feature map that anomaly detection accepts: a finer map has too many places. */
    private static final int FINEST_STRIDE = 4;
    /** Most imported backbones that a recipe chooses among if it is not told which. */
    private static final int MAX_NAMES = 15;

    private final Jdbi jdbi;
    private final StorageConfig storage;

    Backbones(Jdbi jdbi, StorageConfig storage) {
        this.jdbi = jdbi;
        this.storage = storage;
    }

    /** Whether a recipe's backbone is built in. */
    public static boolean isBuiltIn(String name) {
        return BackboneName.BUILT_IN.contains(name);
    }

    /**
     * The file that a recipe's backbone needs, empty for a built-in one.
     *
     * @param name {@code scattering}, {@code hog}, {@code random}, the name of an imported one, or {@code random:} and such a name
     * @throws ServiceException {@code BACKBONE_NOT_FOUND} if no such backbone exists
     */
    public Optional<BackboneFile> resolve(String name) {
        if (isBuiltIn(name)) {
            return Optional.empty();
        }
        ImportedBackbone backbone = imported(name);
        ObjectLocation file = file(backbone.sha256());
        return Optional.of(new BackboneFile(
                file.bucket(),
                file.key(),
                backbone.sha256(),
                backbone.scale(),
                array(backbone.mean()),
                array(backbone.std())));
    }

    /**
     * Rejects a backbone that does not exist or has no feature map that anomaly detection can use.
     *
     * @throws ServiceException {@code BACKBONE_NOT_FOUND} or {@code RECIPE_INVALID}
     */
    public void requireFeatureMap(String name) {
        if (name.equals(BackboneName.HOG)) {
            throw new ServiceException(
                    ErrorCode.RECIPE_INVALID, "recipe: expected a backbone with feature maps, and 'hog' has none");
        }
        if (isBuiltIn(name)) {
            return;
        }
        ImportedBackbone backbone = imported(name);
        if (backbone.featureMaps().stream().noneMatch(map -> map.stride() >= FINEST_STRIDE)) {
            throw new ServiceException(
                    ErrorCode.RECIPE_INVALID,
                    "recipe: expected a backbone with a feature map [n, channels, height, width] of stride "
                            + FINEST_STRIDE + " or more, and '" + backbone.name() + "' has "
                            + (backbone.featureMaps().isEmpty() ? "none" : "finer ones only")
                            + ": export the network with its mid-level maps as outputs");
        }
    }

    private ImportedBackbone imported(String name) {
        String imported = BackboneName.imported(name);
        return find(imported)
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.BACKBONE_NOT_FOUND,
                        "there is no backbone '" + imported
                                + "': expected 'scattering', 'hog', 'random', or one that was imported"));
    }

    /** The location of a backbone's file. */
    ObjectLocation file(String sha256) {
        return new ObjectLocation(storage.bucket(), "backbones/" + sha256 + ".onnx");
    }

    Optional<ImportedBackbone> find(String name) {
        return jdbi.withHandle(handle -> handle.createQuery("select * from backbone where name = :name")
                .bind("name", name)
                .mapTo(ImportedBackbone.class)
                .findOne());
    }

    /** The imported backbones, ordered by name. */
    List<ImportedBackbone> list(PageRequest page) {
        return jdbi.withHandle(
                handle -> handle.createQuery("select * from backbone where name > :after order by name limit :limit")
                        .bind("after", page.after())
                        .bind("limit", page.limit() + 1)
                        .mapTo(ImportedBackbone.class)
                        .list());
    }

    /** The names of the imported backbones, in alphabetical order: the first {@value #MAX_NAMES}. */
    public List<String> names() {
        return jdbi.withHandle(handle -> handle.createQuery("select name from backbone order by name limit :limit")
                .bind("limit", MAX_NAMES)
                .mapTo(String.class)
                .list());
    }

    /** Inserts a backbone. Returns false if the name is already in use. */
    boolean insert(ImportedBackbone backbone) {
        return jdbi.withHandle(handle -> handle.createUpdate("""
                        insert into backbone (name, sha256, size, scale, mean, std, feature_maps, pooled)
                        values (:name, :sha256, :size, :scale, :mean, :std, :featureMaps, :pooled)
                        on conflict (name) do nothing""")
                        .bindMethods(backbone)
                        .bindArray("mean", Float.class, backbone.mean())
                        .bindArray("std", Float.class, backbone.std())
                        .execute())
                == 1;
    }

    private static float[] array(List<Float> values) {
        float[] array = new float[values.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = values.get(i);
        }
        return array;
    }
}
