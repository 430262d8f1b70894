package dev.loupe.dataset.upload;

import dev.loupe.contracts.Task;
import dev.loupe.dataset.label.Annotation;
import dev.loupe.dataset.upload.ArchivePlan.PlannedImage;
import dev.loupe.dataset.upload.ImportReport.Counts;
import dev.loupe.dataset.upload.ImportReport.Refusal;
import dev.loupe.dataset.upload.ImportReport.Warning;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What an import of an archive would do. Nothing is decoded or compared with stored images: an import may refuse
 * further files, and counts images that occur twice once.
 *
 * @param format detected format
 * @param root folders that enclose all images and have no meaning; empty if there are none
 * @param description how the files are interpreted
 * @param images number of images
 * @param masks number of masks
 * @param bytes unpacked bytes of images and masks
 * @param counts number of images
 * @param refused number of files that would be refused
 * @param refusedByCode the same by error code
 * @param refusals the first 1,000 of these files
 * @param ignored number of files that are not images
 * @param warnings possible mistakes in the archive
 */
record ImportInspection(
        String format,
        String root,
        String description,
        int images,
        int masks,
        long bytes,
        Counts counts,
        int refused,
        Map<String, Integer> refusedByCode,
        List<Refusal> refusals,
        int ignored,
        List<Warning> warnings) {
    private static final int MAX_LISTED = 1_000;

    static ImportInspection of(Task task, ArchivePlan plan, FileFindings findings) {
        Counts counts = Counts.empty();
        List<Annotation> annotations = new ArrayList<>();
        for (PlannedImage image : plan.images()) {
            Annotation annotation = image.place().annotation();
            annotations.add(annotation);
            counts.add(annotation.label(), image.place().split());
        }
        return new ImportInspection(
                plan.format().name(),
                String.join("/", plan.format().root()),
                plan.format().layout().description(),
                plan.images().size(),
                plan.files() - plan.images().size(),
                plan.bytes(),
                counts,
                findings.refusals().size(),
                findings.refusedByCode(),
                findings.refusals().stream().limit(MAX_LISTED).toList(),
                findings.ignored().size(),
                ImportWarnings.of(task, plan.format(), annotations, 0));
    }
}
