package dev.loupe.cli.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.client.ServiceClient;
import dev.loupe.client.inference.CanariesApi;
import dev.loupe.client.inference.model.CanaryAbort;
import dev.loupe.client.inference.model.CanaryRequest;
import dev.loupe.client.inference.model.RolloutPlan;
import dev.loupe.client.inference.model.RolloutRequest;
import java.util.List;

/** The candidates of aliases, over HTTP. Thread-safe. */
public final class Canaries {
    private final ServiceClient service;
    private final CanariesApi canaries;
    private final String actor;

    /** @param actor who makes the requests; null: the server's default */
    Canaries(ServiceClient service, String actor) {
        this.service = service;
        this.canaries = new CanariesApi(service);
        this.actor = actor;
    }

    /** The last change of the candidate of an alias. */
    public JsonNode get(String project, String alias) {
        return service.tree(() -> canaries.canary(alias, project));
    }

    /**
     * Makes a version the candidate of an alias, or changes its weight.
     *
     * @param weight percentage of the requests
     * @param shadow whether it also sees the images that the holder predicts, null: as before
     * @param force although checks fail
     * @param revision revision that the candidate must be at, null for any
     */
    public JsonNode set(
            String project,
            String alias,
            int candidate,
            double weight,
            Boolean shadow,
            boolean force,
            String reason,
            Long revision) {
        CanaryRequest request = new CanaryRequest()
                .candidate(candidate)
                .weight(weight)
                .shadow(shadow)
                .force(force ? true : null)
                .reason(reason);
        return service.tree(() ->
                canaries.setCanary(alias, project, request, revision == null ? null : String.valueOf(revision), actor));
    }

    /** Ends the candidate of an alias, which must be at this revision. */
    public JsonNode abort(String project, String alias, String reason, long revision) {
        CanaryAbort request = new CanaryAbort().reason(reason);
        return service.tree(() -> canaries.abortCanary(alias, project, request, String.valueOf(revision), actor));
    }

    /** How often the last candidate of an alias and its holder disagree, and the last images. */
    public JsonNode disagreements(String project, String alias, int most) {
        return service.tree(() -> canaries.canaryDisagreements(alias, project, most));
    }

    /**
     * Makes a version the candidate of an alias, and raises its weight step by step.
     *
     * @param plan steps and bounds; what is null is the server's default
     * @param force although checks fail
     */
    public JsonNode startRollout(
            String project, String alias, int candidate, RolloutPlan plan, boolean force, String reason) {
        RolloutRequest request = new RolloutRequest()
                .candidate(candidate)
                .plan(plan)
                .force(force ? true : null)
                .reason(reason);
        return service.tree(() -> canaries.startRollout(alias, project, request, null, actor));
    }

    /** The last rollout of an alias. */
    public JsonNode rollout(String project, String alias) {
        return service.tree(() -> canaries.rollout(alias, project));
    }

    /** Changes of the candidates of an alias, newest first. */
    public List<JsonNode> history(String project, String alias, int most) {
        return Pages.items(service, most, (cursor, limit) -> canaries.canaryHistory(alias, project, cursor, limit));
    }
}
