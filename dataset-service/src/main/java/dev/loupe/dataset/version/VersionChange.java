package dev.loupe.dataset.version;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.contracts.Split;
import dev.loupe.contracts.dataset.DatasetManifest.Entry;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * An image that differs between two dataset versions.
 *
 * @param sha256 digest of the image
 * @param name name of the uploaded file, in the newer of the two states
 * @param kinds how it differs
 * @param before what it was in the one version, absent if that has no such image
 * @param after what it is in the other version, absent if that has no such image
 */
@JsonInclude(Include.NON_NULL)
record VersionChange(
        @Schema(required = true) String sha256,
        @Schema(required = true) String name,
        @Schema(required = true) List<Kind> kinds,
        State before,
        State after) {

    /** How an image differs. An image that is in both versions may differ in several ways. */
    @Schema(name = "VersionChangeKind")
    enum Kind {
        ADDED,
        REMOVED,
        /** Its label differs. A different kind of defect or mask is not reported in addition. */
        RELABELLED,
        /** It is in another split. */
        MOVED,
        DEFECT_CHANGED,
        MASK_CHANGED,
        PRODUCT_CHANGED
    }

    /**
     * An image as it is in a version.
     *
     * @param defect kind of defect of an abnormal image, absent if none
     * @param maskSha256 digest of its mask, absent if it has none
     * @param product product that it shows, absent if none is known
     */
    @JsonInclude(Include.NON_NULL)
    @Schema(name = "VersionImageState")
    record State(
            @Schema(required = true) String label,
            @Schema(required = true) Split split,
            String defect,
            String maskSha256,
            String product) {
        private static State of(Entry entry) {
            String mask = entry.maskKey();
            return new State(
                    entry.label(),
                    entry.split(),
                    entry.defect(),
                    mask == null ? null : mask.substring(mask.lastIndexOf('/') + 1),
                    entry.product());
        }
    }

    VersionChange {
        kinds = List.copyOf(kinds);
    }

    static VersionChange added(Entry entry) {
        return new VersionChange(entry.sha256(), entry.name(), List.of(Kind.ADDED), null, State.of(entry));
    }

    static VersionChange removed(Entry entry) {
        return new VersionChange(entry.sha256(), entry.name(), List.of(Kind.REMOVED), State.of(entry), null);
    }

    /** Compares an image that both versions have. Returns null if it is the same in both. */
    static VersionChange between(Entry before, Entry after) {
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        if (!before.label().equals(after.label())) {
            kinds.add(Kind.RELABELLED);
        } else {
            if (!Objects.equals(before.defect(), after.defect())) {
                kinds.add(Kind.DEFECT_CHANGED);
            }
            if (!Objects.equals(before.maskKey(), after.maskKey())) {
                kinds.add(Kind.MASK_CHANGED);
            }
        }
        if (before.split() != after.split()) {
            kinds.add(Kind.MOVED);
        }
        if (!Objects.equals(before.product(), after.product())) {
            kinds.add(Kind.PRODUCT_CHANGED);
        }
        return kinds.isEmpty()
                ? null
                : new VersionChange(
                        after.sha256(), after.name(), List.copyOf(kinds), State.of(before), State.of(after));
    }
}
