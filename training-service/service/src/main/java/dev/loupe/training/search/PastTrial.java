package dev.loupe.training.search;

import java.util.Map;

/**
 * What proposals depend on of a trial.
 *
 * @param ended whether it has ended
 * @param score how good it is; null if it has not ended, or has failed
 */
record PastTrial(int number, Map<String, Object> parameters, int rung, boolean ended, Score score) {
    static PastTrial running(Proposal proposal) {
        return new PastTrial(proposal.number(), proposal.parameters(), proposal.rung(), false, null);
    }
}
