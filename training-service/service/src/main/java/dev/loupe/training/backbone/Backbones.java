package dev.loupe.training.backbone;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.training.TrainerSpec.BackboneFile;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.training.backbone.ImportedBackbone.Output;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementContext;

/** The backbones in the database. A name always identifies the same file. */
@ApplicationScoped
public class Backbones {
    /** Smallest stride of a feature map that anomaly detection accepts: a finer map has too many places. */
    private static final int FINEST_STRIDE = 4;

    private static final TypeReference<List<Output>> OUTPUTS = new TypeReference<>() {};

    private final Jdbi jdbi;
    private final ObjectMapper json;
    private final StorageConfig storage;

    Backbones(Jdbi jdbi, ObjectMapper json, StorageConfig storage) {
        this.jdbi = jdbi;
        this.json = json;
        this.storage = storage;
    }

    /** Whether a recipe's backbone is built in. */
    public static boolean isBuiltIn(String name) {
        return BackboneName.BUILT_IN.contains(name);
    }

    /**
     * The file that a recipe's backbone needs, empty for a built-in one.
     *
     * @param name {@code scattering}, {@code random}, the name of an imported one, or {@code random:} and such a name
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
                        "there is no backbone '" + imported + "': expected 'scattering', 'random', or one that was"
                                + " imported"));
    }

    /** The location of a backbone's file. */
    ObjectLocation file(String sha256) {
        return new ObjectLocation(storage.bucket(), "backbones/" + sha256 + ".onnx");
    }

    Optional<ImportedBackbone> find(String name) {
        return jdbi.withHandle(handle -> handle.createQuery("select * from backbone where name = :name")
                .bind("name", name)
                .map(this::backbone)
                .findOne());
    }

    /** The imported backbones, ordered by name. */
    List<ImportedBackbone> list(PageRequest page) {
        return jdbi.withHandle(
                handle -> handle.createQuery("select * from backbone where name > :after order by name limit :limit")
                        .bind("after", page.after())
                        .bind("limit", page.limit() + 1)
                        .map(this::backbone)
                        .list());
    }

    /** Inserts a backbone. Returns false if the name is already in use. */
    boolean insert(ImportedBackbone backbone) {
        return jdbi.withHandle(handle -> handle.createUpdate("""
                        insert into backbone (name, sha256, size, scale, mean, std, feature_maps, pooled)
                        values (:name, :sha256, :size, :scale, :mean, :std, :featureMaps::jsonb, :pooled::jsonb)
                        on conflict (name) do nothing""")
                        .bindMethods(backbone)
                        .bindArray("mean", Float.class, backbone.mean())
                        .bindArray("std", Float.class, backbone.std())
                        .bind("featureMaps", write(backbone.featureMaps()))
                        .bind("pooled", backbone.pooled() == null ? null : write(backbone.pooled()))
                        .execute())
                == 1;
    }

    private ImportedBackbone backbone(ResultSet rs, StatementContext context) throws SQLException {
        String pooled = rs.getString("pooled");
        try {
            return new ImportedBackbone(
                    rs.getString("name"),
                    rs.getString("sha256"),
                    rs.getLong("size"),
                    rs.getFloat("scale"),
                    List.of((Float[]) rs.getArray("mean").getArray()),
                    List.of((Float[]) rs.getArray("std").getArray()),
                    json.readValue(rs.getString("feature_maps"), OUTPUTS),
                    pooled == null ? null : json.readValue(pooled, Output.class),
                    rs.getObject("created_at", OffsetDateTime.class).toInstant());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // written by this class
        }
    }

    private String write(Object value) {
        try {
            return json.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // our own records always serialize
        }
    }

    private static float[] array(List<Float> values) {
        float[] array = new float[values.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = values.get(i);
        }
        return array;
    }
}
