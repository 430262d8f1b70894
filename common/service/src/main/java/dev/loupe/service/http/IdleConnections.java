package dev.loupe.service.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.AttributeKey;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.concurrent.TimeUnit;

/**
 * Applies {@code quarkus.http.idle-timeout} only between requests. The timeout then closes connections that send no
 * request or that send the headers of one too slowly, but does not abort requests that take longer than that to answer,
 * such as imports.
 *
 * <p>Vert.x installs its idle handler behind the decoder of HTTP/1.1, so incomplete headers do not reset the timeout.
 * The timeout also runs while a request is answered, and Vert.x has no setting against that.
 */
@ApplicationScoped
public class IdleConnections {
    private static final int FIRST = 100_000;
    /** Names of the Vert.x handlers in the pipeline. */
    private static final String IDLE = "idle";

    private static final String HANDLER = "handler";
    private static final AttributeKey<Busy> BUSY = AttributeKey.valueOf(IdleConnections.class, "busy");

    /** Requests in progress on a connection (several with HTTP/2), and the timeouts to restore when they end. */
    private record Busy(int requests, long reader, long writer, long all) {
        Busy with(int number) {
            return new Busy(number, reader, writer, all);
        }
    }

    void register(@Observes Filters filters) {
        filters.register(IdleConnections::handle, FIRST);
    }

    private static void handle(RoutingContext routing) {
        if (routing.request().connection() instanceof ConnectionBase connection) {
            Channel channel = connection.channel();
            channel.eventLoop().execute(() -> begin(channel));
            routing.addEndHandler(_ -> channel.eventLoop().execute(() -> end(channel)));
        }
        routing.next();
    }

    private static void begin(Channel channel) {
        Busy busy = channel.attr(BUSY).get();
        if (busy != null) {
            channel.attr(BUSY).set(busy.with(busy.requests() + 1));
        } else if (channel.pipeline().get(IDLE) instanceof IdleStateHandler idle) {
            channel.attr(BUSY)
                    .set(new Busy(
                            1,
                            idle.getReaderIdleTimeInMillis(),
                            idle.getWriterIdleTimeInMillis(),
                            idle.getAllIdleTimeInMillis()));
            channel.pipeline().remove(idle);
        }
    }

    private static void end(Channel channel) {
        Busy busy = channel.attr(BUSY).get();
        if (busy == null) {
            return;
        }
        if (busy.requests() > 1) {
            channel.attr(BUSY).set(busy.with(busy.requests() - 1));
            return;
        }
        channel.attr(BUSY).set(null);
        ChannelPipeline pipeline = channel.pipeline();
        if (channel.isActive() && pipeline.get(HANDLER) != null && pipeline.get(IDLE) == null) {
            pipeline.addBefore(
                    HANDLER,
                    IDLE,
                    new IdleStateHandler(busy.reader(), busy.writer(), busy.all(), TimeUnit.MILLISECONDS));
        }
    }
}
