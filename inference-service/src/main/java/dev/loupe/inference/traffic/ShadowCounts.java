package dev.loupe.inference.traffic;

/**
 * Images of shadow predictions.
 *
 * @param images images that both versions have predicted
 * @param disagreements those of them that they have predicted differently
 * @param failed images that the candidate could not predict
 * @param dropped images that the candidate has not seen, because the replica was busy
 */
public record ShadowCounts(long images, long disagreements, long failed, long dropped) {
    public static final ShadowCounts NONE = new ShadowCounts(0, 0, 0, 0);

    public ShadowCounts plus(ShadowCounts more) {
        return new ShadowCounts(
                images + more.images, disagreements + more.disagreements, failed + more.failed, dropped + more.dropped);
    }
}
