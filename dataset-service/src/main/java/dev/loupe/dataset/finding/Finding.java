package dev.loupe.dataset.finding;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.contracts.Split;
import dev.loupe.dataset.quality.FindingKind;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A finding about images of a project.
 *
 * @param id identifies it in the project, by its kind and what it is about
 * @param message message for people, with the figures
 * @param label label that it is about; of an image whose label is probably wrong, that label; else absent
 * @param likelyLabel of an image whose label is probably wrong, the class that it probably belongs to; else absent
 * @param run of an image whose label is probably wrong, the last training run that found it; else absent
 * @param split split that it is about, absent if it is about images or all splits
 * @param imageCount number of the images that it is about
 * @param images these images; the first ones in a list of findings
 * @param figures measured and expected values, by name
 * @param foundAt when it was found first
 * @param decidedAt when it was accepted or dismissed, absent while it is open
 * @param decidedBy who did
 * @param reason why, absent if none was given
 */
@JsonInclude(Include.NON_NULL)
record Finding(
        String id,
        FindingKind kind,
        Severity severity,
        FindingState state,
        String message,
        String label,
        String likelyLabel,
        UUID run,
        Split split,
        int imageCount,
        List<FindingImage> images,
        Map<String, Double> figures,
        Instant foundAt,
        Instant decidedAt,
        String decidedBy,
        String reason) {

    /** An image of a finding, as it is now. */
    @JsonInclude(Include.NON_NULL)
    @Schema(name = "FindingImage")
    public record FindingImage(
            String sha256, String name, int width, int height, String label, String defect, Split split) {}
}
