package dev.loupe.dataset.image;

import dev.loupe.dataset.project.Project;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Changes and deletes selected images: all of them or, if the change is not possible for one, none. */
@ApplicationScoped
class ImageChanges {
    private final Images images;
    private final DeletedImages deletedImages;
    private final Audit audit;

    ImageChanges(Images images, DeletedImages deletedImages, Audit audit) {
        this.images = images;
        this.deletedImages = deletedImages;
        this.audit = audit;
    }

    /**
     * Result of a change.
     *
     * @param matched number of selected images
     * @param changed number of images that are different now
     */
    @Schema(name = "UpdatedImages")
    public record Changed(int matched, int changed) {}

    /**
     * Changes the selected images.
     *
     * @throws ServiceException {@code IMAGE_NOT_FOUND} if a digest is unknown; {@code SPLIT_INVALID} or {@code
     *     LABEL_INVALID} if the change is not possible for one of the images
     */
    @Transactional(TxType.MANDATORY)
    Changed change(Project project, ImageSelection selection, ImageChange change, String actor) {
        List<Image> selected = select(project, selection);
        if (selection.images() != null && selected.size() < selection.images().size()) {
            Set<String> known = selected.stream().map(Image::sha256).collect(Collectors.toSet());
            throw Images.notFound(
                    project,
                    selection.images().stream()
                            .filter(sha256 -> !known.contains(sha256))
                            .findFirst()
                            .orElseThrow());
        }
        change.validate(project.task(), selected);
        List<Image> changed = images.update(project, digests(selected), change, actor);
        if (!changed.isEmpty()) {
            Set<String> changedDigests = Set.copyOf(digests(changed));
            audit.record(Change.of(project.id(), actor, "image.change", subject(project, changed))
                    .detail(counted(changed) + change)
                    .values(
                            counts(selected.stream()
                                    .filter(image -> changedDigests.contains(image.sha256()))
                                    .toList()),
                            counts(changed)));
        }
        return new Changed(selected.size(), changed.size());
    }

    /** Deletes the selected images. Unknown digests are ignored. Returns the deletion, null if there was no image. */
    @Transactional(TxType.MANDATORY)
    DeletedImages.Deletion delete(Project project, ImageSelection selection, String actor) {
        List<Image> selected = select(project, selection);
        if (selected.isEmpty()) {
            return null;
        }
        DeletedImages.Deletion deletion = deletedImages.delete(project, digests(selected), actor);
        audit.record(Change.of(project.id(), actor, "image.delete", subject(project, selected))
                .detail(counted(selected) + "deletion " + deletion.id())
                .values(counts(selected), null));
        return deletion;
    }

    private List<Image> select(Project project, ImageSelection selection) {
        if (selection.images() != null) {
            return images.lock(project, selection.images());
        }
        List<Image> selected =
                images.lock(new ImageConditions(project, selection.filter()), ImageSelection.MAX_IMAGES + 1);
        if (selected.size() > ImageSelection.MAX_IMAGES) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "filter: expected to match at most %d images, matches more".formatted(ImageSelection.MAX_IMAGES));
        }
        return selected;
    }

    private static List<String> digests(List<Image> images) {
        return images.stream().map(Image::sha256).toList();
    }

    /** What the audit log keeps of many images: their number by label and by split. The history of each has the rest. */
    private record Counts(Map<String, Long> labels, Map<String, Long> splits) {}

    private static Counts counts(List<Image> images) {
        return new Counts(
                count(images, image -> image.label() == null ? "" : image.label()),
                count(
                        images,
                        image -> image.split() == null ? "" : image.split().name()));
    }

    private static Map<String, Long> count(List<Image> images, Function<Image, String> value) {
        return images.stream().collect(Collectors.groupingBy(value, TreeMap::new, Collectors.counting()));
    }

    private static String subject(Project project, List<Image> images) {
        return images.size() == 1 ? project.name() + "/" + images.getFirst().sha256() : project.name();
    }

    private static String counted(List<Image> images) {
        return images.size() == 1 ? "" : images.size() + " images: ";
    }
}
