package dev.loupe.inference.traffic;

import dev.loupe.inference.registry.CanaryChange;
import dev.loupe.inference.registry.CanaryRepository;
import dev.loupe.inference.registry.Model;
import dev.loupe.inference.registry.ModelLookup;
import dev.loupe.model.ClopperPearson;
import dev.loupe.model.ClopperPearson.Interval;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** How often a candidate and its holder disagree, over REST. */
@Path("/api/v1/models/{project}/aliases/{alias}/canary/disagreements")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Canaries")
class ShadowResource {
    private static final double CONFIDENCE = 0.95;
    private static final int MAX_ITEMS = 200;

    private final ModelLookup lookup;
    private final CanaryRepository canaries;
    private final ShadowRepository shadows;

    /**
     * The shadow predictions of the last candidate of an alias.
     *
     * @param images images that both versions have predicted
     * @param rate share of them that the versions have predicted differently; null without images
     * @param lower lower limit of the rate's 95 % interval by Clopper and Pearson; null without images
     * @param items last disagreements, newest first
     */
    record DisagreementReport(
            String alias,
            int holder,
            int candidate,
            long images,
            long disagreements,
            Double rate,
            Double lower,
            Double upper,
            long failed,
            long dropped,
            List<Disagreement> items) {
        static DisagreementReport of(ShadowPair pair, ShadowCounts counts, List<Disagreement> items) {
            boolean known = counts.images() > 0;
            Interval interval =
                    known ? ClopperPearson.interval(counts.disagreements(), counts.images(), CONFIDENCE) : null;
            return new DisagreementReport(
                    pair.alias(),
                    pair.holder(),
                    pair.candidate(),
                    counts.images(),
                    counts.disagreements(),
                    known ? (double) counts.disagreements() / counts.images() : null,
                    known ? interval.lower() : null,
                    known ? interval.upper() : null,
                    counts.failed(),
                    counts.dropped(),
                    items);
        }
    }

    ShadowResource(ModelLookup lookup, CanaryRepository canaries, ShadowRepository shadows) {
        this.lookup = lookup;
        this.canaries = canaries;
        this.shadows = shadows;
    }

    @GET
    @Operation(
            operationId = "canaryDisagreements",
            summary = "How often the candidate and the holder of an alias disagree, and the last images",
            description =
                    "Of the shadow predictions of the last candidate. Replicas add their counts every few seconds.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = DisagreementReport.class)))
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, CANARY_NOT_FOUND")
    public DisagreementReport disagreements(
            @PathParam("project") String project,
            @PathParam("alias") String alias,
            @QueryParam("limit") @DefaultValue("50") int limit) {
        Fields.within("limit", limit, 0, MAX_ITEMS);
        Model model = lookup.require(project);
        CanaryChange canary = canaries.find(model.projectId(), alias)
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.CANARY_NOT_FOUND,
                        "model '%s': alias %s has no candidate".formatted(model.name(), QuotedInput.of(alias))));
        ShadowPair pair = new ShadowPair(model.projectId(), alias, canary.holder(), canary.candidate());
        return DisagreementReport.of(pair, shadows.sum(pair), shadows.last(pair, limit));
    }
}
