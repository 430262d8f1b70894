package dev.loupe.inference.registry;

import dev.loupe.inference.registry.ApprovalRequest.State;
import dev.loupe.inference.registry.Promotions.Promotion;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Promotions that another person than the author has to approve. An approval and the move that follows are one
 * transaction, in which the checks are made once more.
 */
@ApplicationScoped
class Approvals {
    private final AliasRepository aliases;
    private final ApprovalRepository requests;
    private final Promotions promotions;
    private final Audit audit;
    private final PromotionConfig config;

    Approvals(
            AliasRepository aliases,
            ApprovalRepository requests,
            Promotions promotions,
            Audit audit,
            PromotionConfig config) {
        this.aliases = aliases;
        this.requests = requests;
        this.promotions = promotions;
        this.audit = audit;
        this.config = config;
    }

    /**
     * Requests a promotion. It is made at once if the policy expects no approval.
     *
     * @throws ServiceException those of {@link Promotions#promote} but {@code APPROVAL_REQUIRED}; {@code
     *     INVALID_REQUEST} if the alias points at the version
     */
    @Transactional
    ApprovalRequest request(Model model, Promotion promotion) {
        Optional<AliasMove> current = aliases.lock(model.projectId(), promotion.alias());
        if (current.filter(move -> move.version() == promotion.version()).isPresent()) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "version: expected another version than the one that alias '%s' points at, got %d"
                            .formatted(promotion.alias(), promotion.version()));
        }
        Instant now = now();
        long generation = current.map(AliasMove::generation).orElse(0L);
        ApprovalRequest request = new ApprovalRequest(
                0,
                promotion.alias(),
                promotion.version(),
                generation,
                promotion.force(),
                promotion.reason(),
                promotion.actor(),
                now,
                now.plus(config.requestLifetime()),
                State.PENDING,
                null,
                null,
                null,
                null);
        if (!promotions.requireAllowed(model, promotion)) {
            AliasMove move = promotions.promote(model, promotion);
            request = request.decided(State.APPROVED, null, null, now, move.generation());
        }
        int number = requests.insert(model.projectId(), request);
        audit.record(Change.of(model.projectId(), promotion.actor(), "promotion.request", subject(model, number))
                .detail("alias '%s' at generation %d to version %d%s%s: %s"
                        .formatted(
                                promotion.alias(),
                                generation,
                                promotion.version(),
                                promotion.force() ? ", forced" : "",
                                promotion.reason() == null ? "" : "; reason: " + promotion.reason(),
                                request.state())));
        return require(model, number);
    }

    /**
     * Approves a request, and promotes.
     *
     * @throws ServiceException those of {@link Promotions#promote}; {@code SELF_APPROVAL_REFUSED}, {@code
     *     PROMOTION_REQUEST_NOT_FOUND}, {@code PROMOTION_REQUEST_CLOSED}
     */
    @Transactional
    ApprovalRequest approve(Model model, int number, String comment, String actor) {
        ApprovalRequest request = lock(model, number, actor);
        decide(
                model,
                request.decided(State.APPROVED, actor, comment, now(), request.baseGeneration() + 1),
                "promotion.approve");
        promotions.promote(
                model,
                new Promotion(
                        request.alias(),
                        request.version(),
                        request.baseGeneration(),
                        request.force(),
                        request.reason(),
                        request.actor(),
                        actor));
        return require(model, number);
    }

    /**
     * Rejects a request.
     *
     * @throws ServiceException {@code SELF_APPROVAL_REFUSED}, {@code PROMOTION_REQUEST_NOT_FOUND}, {@code
     *     PROMOTION_REQUEST_CLOSED}
     */
    @Transactional
    ApprovalRequest reject(Model model, int number, String comment, String actor) {
        ApprovalRequest request = lock(model, number, actor);
        decide(model, request.decided(State.REJECTED, actor, comment, now(), null), "promotion.reject");
        return require(model, number);
    }

    /** Ends the pending requests of an alias, in the transaction that moves it. */
    void moved(@Observes AliasChange change) {
        requests.supersede(change.model().projectId(), change.move().alias());
    }

    /** Returns a request. */
    ApprovalRequest require(Model model, int number) {
        return requests.find(model.projectId(), number)
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.PROMOTION_REQUEST_NOT_FOUND,
                        "model '%s' has no promotion request %d".formatted(model.name(), number)));
    }

    /** Returns a pending request that the actor may decide on. Its alias is locked, and with it all of its requests. */
    private ApprovalRequest lock(Model model, int number, String actor) {
        aliases.lock(model.projectId(), require(model, number).alias());
        ApprovalRequest request = require(model, number);
        if (request.isBy(actor)) {
            throw new ServiceException(
                    ErrorCode.SELF_APPROVAL_REFUSED,
                    "promotion request %d of model '%s': expected a decision by another person than its author '%s', got one by '%s' (header %s)"
                            .formatted(number, model.name(), request.actor(), actor, Actor.HEADER));
        }
        if (request.state() != State.PENDING) {
            throw closed(model, request);
        }
        return request;
    }

    private void decide(Model model, ApprovalRequest request, String action) {
        if (!requests.decide(model.projectId(), request)) {
            throw closed(model, require(model, request.number()));
        }
        audit.record(Change.of(model.projectId(), request.decidedBy(), action, subject(model, request.number()))
                .onBehalfOf(request.actor())
                .values(State.PENDING, request.state())
                .detail("alias '%s' to version %d, requested by %s%s"
                        .formatted(
                                request.alias(),
                                request.version(),
                                request.actor(),
                                request.comment() == null ? "" : "; comment: " + request.comment())));
    }

    private static ServiceException closed(Model model, ApprovalRequest request) {
        return new ServiceException(
                ErrorCode.PROMOTION_REQUEST_CLOSED,
                "promotion request %d of model '%s': expected state PENDING, got %s%s"
                        .formatted(
                                request.number(),
                                model.name(),
                                request.state(),
                                request.state() == State.SUPERSEDED
                                        ? ": alias '%s' has moved since; request it again".formatted(request.alias())
                                        : ""));
    }

    private static String subject(Model model, int number) {
        return "models/" + model.name() + "/promotions/" + number;
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MICROS);
    }
}
