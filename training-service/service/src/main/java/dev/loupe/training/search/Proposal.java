package dev.loupe.training.search;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A trial that is to be made. Public, because Jdbi binds only public records.
 *
 * @param number number of the trial, from 1
 * @param parameters values of the parameters that the search varies
 * @param rung rung of successive halving, from 0; of other methods 0
 * @param epochs epochs that the method gives it, null if those of the recipe apply
 * @param promotedFrom number of the trial with the same parameters and fewer epochs, null if there is none
 */
public record Proposal(int number, Map<String, Object> parameters, int rung, Integer epochs, Integer promotedFrom) {
    public Proposal {
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }
}
