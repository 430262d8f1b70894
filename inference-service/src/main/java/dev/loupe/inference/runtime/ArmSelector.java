package dev.loupe.inference.runtime;

import dev.loupe.inference.registry.Arm;
import dev.loupe.inference.registry.Canary;

/**
 * Chooses the arm that answers a request to an alias with a candidate.
 *
 * @param key requests with the same key get the same arm; one of its own if the request has none
 * @param demanded arm that the request demands, null if the key decides
 */
public record ArmSelector(String key, Arm demanded) {
    /** The version that the alias points at. */
    public static final ArmSelector HOLDER = new ArmSelector("", Arm.HOLDER);

    Arm arm(Canary canary) {
        return demanded == null ? canary.arm(key) : demanded;
    }
}
