package dev.loupe.inference.webhook;

import dev.loupe.inference.webhook.WebhookRepository.Delivery;
import dev.loupe.inference.webhook.WebhookRepository.State;
import dev.loupe.inference.webhook.WebhookRepository.Webhook;
import dev.loupe.service.error.ServiceException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Makes one attempt at a delivery. Redirects are not followed, and the response's body is not read. */
@ApplicationScoped
class WebhookSender {
    private static final int MAX_ERROR_LENGTH = 300;

    /** Response to an attempt: its status, null without a response; the error, null if it was delivered. */
    private record Response(Integer status, String error) {
        private Response {
            error = error == null || error.length() <= MAX_ERROR_LENGTH ? error : error.substring(0, MAX_ERROR_LENGTH);
        }
    }

    private final HttpClient http;
    private final WebhookConfig config;

    WebhookSender(Vertx vertx, WebhookConfig config) {
        this.config = config;
        this.http = vertx.createHttpClient(
                new HttpClientOptions().setKeepAlive(false).setConnectTimeout((int)
                        config.timeout().toMillis()),
                new PoolOptions().setHttp1MaxSize(WebhookRelay.BATCH)); // none of a batch waits for another
    }

    @PreDestroy
    void close() {
        http.close();
    }

    /** Returns the delivery after an attempt: DELIVERED, or PENDING for the next attempt, or FAILED after the last. */
    Delivery send(Webhook webhook, Delivery delivery) {
        Response response = attempt(webhook, delivery);
        return response.error() != null && delivery.attempts() < config.maxAttempts()
                ? after(delivery, State.PENDING, now().plus(delay(delivery.attempts())), response)
                : sent(delivery, response);
    }

    /** As {@link #send}, without further attempts. */
    Delivery sendOnce(Webhook webhook, Delivery delivery) {
        return sent(delivery, attempt(webhook, delivery));
    }

    /** Returns the delivery after an attempt that is not made, FAILED. */
    static Delivery failed(Delivery delivery, String error) {
        return sent(delivery, new Response(null, error));
    }

    private static Delivery sent(Delivery delivery, Response response) {
        return after(delivery, response.error() == null ? State.DELIVERED : State.FAILED, now(), response);
    }

    private static Delivery after(Delivery delivery, State state, Instant next, Response response) {
        return new Delivery(
                delivery.id(),
                delivery.projectId(),
                delivery.body(),
                delivery.createdAt(),
                state,
                Math.max(1, delivery.attempts()),
                next,
                response.status(),
                response.error());
    }

    private Response attempt(Webhook webhook, Delivery delivery) {
        try {
            int status = post(webhook, delivery);
            return new Response(status, status / 100 == 2 ? null : "expected a status from 200 to 299, got " + status);
        } catch (ServiceException refused) {
            return new Response(null, refused.getMessage());
        } catch (TimeoutException e) {
            return new Response(null, "no response in " + config.timeout().toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Response(null, "the replica has ended");
        } catch (ExecutionException e) {
            return new Response(null, "no response: " + e.getCause().getMessage());
        } catch (RuntimeException e) {
            return new Response(null, "not sent: " + e.getMessage());
        }
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MICROS);
    }

    /** Doubles with each attempt. */
    private Duration delay(int attempts) {
        long delay = config.retryDelay().toMillis() << Math.min(attempts - 1, 20);
        return Duration.ofMillis(Math.min(delay, config.maxRetryDelay().toMillis()));
    }

    /** Returns the status. */
    private int post(Webhook webhook, Delivery delivery)
            throws ExecutionException, InterruptedException, TimeoutException {
        WebhookTarget target = WebhookTarget.resolve(webhook.url(), config.allowPrivateNetworks());
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setServer(SocketAddress.inetSocketAddress(
                        target.port(), target.address().getHostAddress()))
                .setHost(target.url().getHost())
                .setPort(target.port())
                .setSsl(target.isSecure())
                .setURI(target.pathWithQuery())
                .setFollowRedirects(false)
                .setTimeout(config.timeout().toMillis())
                .putHeader("Content-Type", "application/json")
                .putHeader("User-Agent", "loupe")
                .putHeader("X-Loupe-Delivery", delivery.id().toString())
                .putHeader(
                        WebhookSignature.HEADER,
                        WebhookSignature.of(webhook.secret(), Instant.now().getEpochSecond(), delivery.body()));
        CompletableFuture<Integer> status = new CompletableFuture<>();
        http.request(options)
                .compose(request -> {
                    status.whenComplete((_, _) -> request.reset()); // without its body, or too late
                    return status.isDone()
                            ? Future.failedFuture("too late")
                            : request.send(Buffer.buffer(delivery.body()));
                })
                .onSuccess(response -> status.complete(response.statusCode()))
                .onFailure(status::completeExceptionally);
        try {
            return status.get(config.timeout().toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            status.cancel(false); // no effect after a response; otherwise the request is not sent later
        }
    }
}
