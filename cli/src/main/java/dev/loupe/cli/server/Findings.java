package dev.loupe.cli.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.client.ServiceClient;
import dev.loupe.client.dataset.FindingsApi;
import dev.loupe.client.dataset.model.FindingDecision;
import dev.loupe.client.dataset.model.FindingKind;
import dev.loupe.client.dataset.model.FindingState;
import java.util.List;
import java.util.UUID;

/** Findings about the images of a project, which is given by its name or id. Thread-safe. */
public final class Findings {
    private final ServiceClient service;
    private final FindingsApi findings;

    Findings(ServiceClient service) {
        this.service = service;
        this.findings = new FindingsApi(service);
    }

    /**
     * Findings, the most severe first.
     *
     * @param kinds empty for all
     * @param states empty for all
     */
    public List<JsonNode> list(String project, List<FindingKind> kinds, List<FindingState> states, int most) {
        return Pages.items(
                service, most, (cursor, limit) -> findings.listFindings(project, cursor, kinds, limit, states));
    }

    /** A finding with its images. */
    public JsonNode get(String project, String id) {
        return service.tree(() -> findings.getFinding(id, project));
    }

    /**
     * Dismisses or accepts a finding, or opens it again.
     *
     * @param reason null for none
     */
    public JsonNode decide(String project, String id, FindingState state, String reason) {
        FindingDecision decision = new FindingDecision().reason(reason);
        String key = UUID.randomUUID().toString();
        return service.tree(() -> switch (state) {
            case DISMISSED -> findings.dismissFinding(id, project, decision, key, null);
            case ACCEPTED -> findings.acceptFinding(id, project, decision, key, null);
            case OPEN -> findings.reopenFinding(id, project, decision, key, null);
            case UNKNOWN_DEFAULT_OPEN_API -> throw new IllegalArgumentException("not a state of a finding: " + state);
        });
    }
}
