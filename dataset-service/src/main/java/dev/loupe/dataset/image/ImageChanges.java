package dev.loupe.dataset.image;

import dev.loupe.dataset.project.Project;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.List;
import java.util.Set;
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
        audit.record(actor, "image.change", subjects(project, changed), change.toString());
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
        audit.record(actor, "image.delete", subjects(project, selected), "deletion " + deletion.id());
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

    private static List<String> subjects(Project project, List<Image> images) {
        return images.stream()
                .map(image -> project.name() + "/" + image.sha256())
                .toList();
    }
}
