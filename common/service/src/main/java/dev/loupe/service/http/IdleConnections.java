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
 * Lets {@code quarkus.http.idle-timeout} count between requests only. It then closes connections that send no request,
 * or the headers of one too slowly, and no request is cut off that takes longer than that to answer, as an import does.
 *
 * <p>Vert.x puts its idle handler behind the decoder of HTTP/1.1, so a part of the headers is no sign of life; it
 * counts while a request is answered, too, and has no setting for that.
 */
@ApplicationScoped
public class IdleConnections {
    private static final int FIRST = 100_000;
    /** Names of Vert.x in the pipeline. */
    private static final String IDLE = "idle";

    private static final String HANDLER = "handler";
    private static final AttributeKey<Busy> BUSY = AttributeKey.valueOf(IdleConnections.class, "busy");

    /** Requests that are answered on a connection, several with HTTP/2, and the timeouts that wait for their end. */
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
