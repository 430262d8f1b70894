package dev.loupe.training.trainerapi;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.training.run.Attempt;
import dev.loupe.training.run.Runs;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** Authenticates callers as the trainer of an attempt. */
@ApplicationScoped
class AttemptTokens {
    private static final String SCHEME = "Bearer ";

    private final Runs runs;

    AttemptTokens(Runs runs) {
        this.runs = runs;
    }

    /**
     * Returns the attempt whose trainer the caller is. The attempt may be in progress or over.
     *
     * @param authorization value of the Authorization header
     * @throws ServiceException {@code RUN_NOT_FOUND} if the run does not exist, {@code UNAUTHENTICATED} if the token is
     *     not this attempt's
     */
    Attempt require(String run, int number, String authorization) {
        return runs.attempts(runs.require(run).id()).stream()
                .filter(one -> one.number() == number && isToken(one.token(), authorization))
                .findFirst()
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.UNAUTHENTICATED, "expected the token of attempt " + number + " of run " + run));
    }

    private static boolean isToken(String token, String authorization) {
        return authorization != null
                && MessageDigest.isEqual(
                        (SCHEME + token).getBytes(StandardCharsets.UTF_8),
                        authorization.getBytes(StandardCharsets.UTF_8));
    }
}
