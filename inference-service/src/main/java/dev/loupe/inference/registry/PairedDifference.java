package dev.loupe.inference.registry;

/**
 * Difference of the accuracies of two versions on the same images, with its 95 % interval.
 *
 * <p>The interval is the adjusted Wald interval for paired proportions of Bonett and Price, "Adjusted Wald Confidence
 * Interval for a Difference of Binomial Proportions Based on Paired Data", Journal of Educational and Behavioral
 * Statistics 37 (2012), 479-488.
 *
 * @param images number of images
 * @param onlyCandidateRight images that only the candidate predicts rightly
 * @param onlyIncumbentRight images that only the incumbent predicts rightly
 */
record PairedDifference(int images, int onlyCandidateRight, int onlyIncumbentRight) {
    /** 97.5 % quantile of the standard normal distribution. */
    private static final double Z = 1.959963984540054;

    static PairedDifference of(TestEvidence candidate, TestEvidence incumbent) {
        int onlyCandidate = 0;
        int onlyIncumbent = 0;
        for (int i = 0; i < candidate.rightImages().length; i++) {
            int ofCandidate = candidate.rightImages()[i] & 0xff;
            int ofIncumbent = incumbent.rightImages()[i] & 0xff;
            onlyCandidate += Integer.bitCount(ofCandidate & ~ofIncumbent);
            onlyIncumbent += Integer.bitCount(ofIncumbent & ~ofCandidate);
        }
        return new PairedDifference(candidate.images(), onlyCandidate, onlyIncumbent);
    }

    double low() {
        return Math.max(-1, adjusted() - halfWidth());
    }

    double high() {
        return Math.min(1, adjusted() + halfWidth());
    }

    private double adjusted() {
        return (double) (onlyCandidateRight - onlyIncumbentRight) / (images + 2);
    }

    private double halfWidth() {
        double discordant = (onlyCandidateRight + onlyIncumbentRight + 2.0) / (images + 2);
        return Z * Math.sqrt((discordant - adjusted() * adjusted()) / (images + 2));
    }
}
