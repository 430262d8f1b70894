package dev.loupe.inference;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** A collector that takes spans by OTLP over gRPC, and keeps them as the bytes that came. */
public final class CollectorResource implements QuarkusTestResourceLifecycleManager {
    static final List<byte[]> EXPORTS = new CopyOnWriteArrayList<>();
    private static final String SERVICE = "opentelemetry.proto.collector.trace.v1.TraceService";
    private static final Marshaller<byte[]> BYTES = new Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };

    private Server server;

    /** Whether bytes came that contain these. */
    static boolean has(byte[] wanted) {
        String text = new String(wanted, StandardCharsets.ISO_8859_1);
        return EXPORTS.stream().anyMatch(export -> new String(export, StandardCharsets.ISO_8859_1).contains(text));
    }

    @Override
    public Map<String, String> start() {
        MethodDescriptor<byte[], byte[]> export = MethodDescriptor.newBuilder(BYTES, BYTES)
                .setType(MethodType.UNARY)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, "Export"))
                .build();
        try {
            server = NettyServerBuilder.forPort(0)
                    .addService(ServerServiceDefinition.builder(SERVICE)
                            .addMethod(export, ServerCalls.asyncUnaryCall((request, answer) -> {
                                EXPORTS.add(request);
                                answer.onNext(new byte[0]);
                                answer.onCompleted();
                            }))
                            .build())
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Map.of(
                "loupe.telemetry.otlp-endpoint",
                "http://localhost:" + server.getPort(),
                "loupe.telemetry.sample-ratio",
                "0",
                "quarkus.otel.bsp.schedule.delay",
                "200ms");
    }

    @Override
    public void stop() {
        server.shutdownNow();
    }
}
