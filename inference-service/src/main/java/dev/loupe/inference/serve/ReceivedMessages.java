package dev.loupe.inference.serve;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnsafeByteOperations;
import dev.loupe.inference.runtime.PredictionConfig;
import dev.loupe.service.access.GrpcAccess;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.GrpcErrors;
import dev.loupe.service.error.ServiceException;
import io.grpc.Attributes;
import io.grpc.Codec;
import io.grpc.Decompressor;
import io.grpc.DecompressorRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.SecurityLevel;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/**
 * Parses the messages of clients. By default, gRPC ends a call whose message cannot be parsed with UNKNOWN and a stack
 * trace in the log, and does not limit the heap that parsing takes. Here a message stays in bytes until the handler's
 * thread has it; then {@link MessageComplexityLimit} checks it, and a bad message is rejected as INVALID_ARGUMENT.
 */
@ApplicationScoped
class ReceivedMessages {
    private final GrpcErrors errors;
    private final GrpcAccess access;
    private final int maxSize;

    /**
     * A message that is not parsed yet.
     *
     * @param bytes bytes of the message, decompressed
     * @param refusal why it cannot be parsed, null if it can
     */
    record Received(byte[] bytes, String refusal) {
        int size() {
            return bytes.length;
        }
    }

    ReceivedMessages(GrpcErrors errors, GrpcAccess access, PredictionConfig config) {
        this.errors = errors;
        this.access = access;
        this.maxSize = Math.toIntExact(config.maxMessageSize().asLongValue());
    }

    /**
     * The decompressors of messages. gRPC's own reads the header of the compressed bytes before the code of a call
     * runs, and ends a call with a damaged header with UNKNOWN; this one reads it together with the other bytes.
     */
    static DecompressorRegistry decompressors() {
        return DecompressorRegistry.emptyInstance()
                .with(Codec.Identity.NONE, false)
                .with(
                        new Decompressor() {
                            @Override
                            public String getMessageEncoding() {
                                return "gzip";
                            }

                            @Override
                            public InputStream decompress(InputStream compressed) {
                                return new LazyGzip(compressed);
                            }
                        },
                        true);
    }

    private static final class LazyGzip extends InputStream {
        private final InputStream compressed;
        private InputStream message;

        LazyGzip(InputStream compressed) {
            this.compressed = compressed;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (message == null) {
                message = new GZIPInputStream(compressed);
            }
            return message.read(into, offset, length);
        }

        @Override
        public void close() throws IOException {
            compressed.close();
        }
    }

    /** Returns the service with messages parsed by this class. */
    ServerServiceDefinition of(ServerServiceDefinition service) {
        ServiceDescriptor descriptor = service.getServiceDescriptor();
        ServiceDescriptor.Builder types = ServiceDescriptor.newBuilder(descriptor.getName())
                .setSchemaDescriptor(descriptor.getSchemaDescriptor());
        var methods = service.getMethods().stream().map(this::method).toList();
        methods.forEach(method -> types.addMethod(method.getMethodDescriptor()));
        ServerServiceDefinition.Builder wrapped = ServerServiceDefinition.builder(types.build());
        methods.forEach(wrapped::addMethod);
        return wrapped.build();
    }

    private <Q, A> ServerMethodDefinition<Received, A> method(ServerMethodDefinition<Q, A> method) {
        MethodDescriptor<Q, A> type = method.getMethodDescriptor();
        ServerCallHandler<Q, A> handler = method.getServerCallHandler();
        return ServerMethodDefinition.create(
                type.toBuilder(new Bytes(), type.getResponseMarshaller()).build(),
                (call, headers) -> new Parsing<>(call, type, handler, headers));
    }

    private final class Bytes implements Marshaller<Received> {
        @Override
        public InputStream stream(Received value) {
            throw new UnsupportedOperationException("messages of clients are not sent");
        }

        @Override
        public Received parse(InputStream message) {
            try {
                byte[] bytes = message.readNBytes(maxSize + 1);
                return bytes.length <= maxSize
                        ? new Received(bytes, null)
                        : new Received(new byte[0], "expected at most " + maxSize + " bytes when decompressed");
            } catch (IOException e) {
                return new Received(new byte[0], "cannot be decompressed: " + e.getMessage());
            }
        }
    }

    /** Parses a call's messages from bytes before its handler receives them. */
    private final class Parsing<Q, A> extends ServerCall.Listener<Received> {
        private final ServerCall<Received, A> call;
        private final Message prototype;
        private final ServerCall.Listener<Q> handler;
        private boolean refused;

        Parsing(
                ServerCall<Received, A> call,
                MethodDescriptor<Q, A> type,
                ServerCallHandler<Q, A> handler,
                Metadata headers) {
            this.call = call;
            this.prototype = (Message) ((PrototypeMarshaller<Q>) type.getRequestMarshaller()).getMessagePrototype();
            this.handler = handler.startCall(new Typed<>(call, type), headers);
        }

        @Override
        public void onMessage(Received received) {
            if (refused) {
                return; // a later request of a stream that is closed
            }
            Q message;
            try {
                message = parsed(received);
                access.require(call.getMethodDescriptor().getFullMethodName(), (Message) message);
            } catch (RuntimeException e) { // the check may need the database, which may be away
                refused = true;
                StatusRuntimeException status = errors.toStatus(e);
                call.close(status.getStatus(), status.getTrailers());
                return;
            }
            handler.onMessage(message);
        }

        @SuppressWarnings("unchecked") // the prototype is of the marshaller's type
        private Q parsed(Received received) {
            if (received.refusal() != null) {
                throw new ServiceException(ErrorCode.INVALID_REQUEST, "message: " + received.refusal());
            }
            try {
                long more = MessageComplexityLimit.check(received.bytes(), prototype.getDescriptorForType());
                if (more > 0 && !CallMemoryReservation.current().reserve(more)) {
                    throw new ServiceException(
                            ErrorCode.OVERLOADED,
                            "not enough memory for the message: the messages of other calls use it");
                }
                CodedInputStream in =
                        UnsafeByteOperations.unsafeWrap(received.bytes()).newCodedInput();
                in.enableAliasing(true); // images are not copied
                return (Q) prototype.getParserForType().parseFrom(in);
            } catch (InvalidProtocolBufferException e) {
                throw new ServiceException(
                        ErrorCode.INVALID_REQUEST,
                        "message: invalid " + prototype.getDescriptorForType().getFullName() + ": " + e.getMessage(),
                        e);
            }
        }

        @Override
        public void onHalfClose() {
            if (!refused) {
                handler.onHalfClose();
            }
        }

        @Override
        public void onCancel() {
            handler.onCancel();
        }

        @Override
        public void onComplete() {
            handler.onComplete();
        }

        @Override
        public void onReady() {
            handler.onReady();
        }
    }

    /** The call with the parsed types that its handler expects. */
    private static final class Typed<Q, A> extends ServerCall<Q, A> {
        private final ServerCall<?, A> call;
        private final MethodDescriptor<Q, A> type;

        Typed(ServerCall<?, A> call, MethodDescriptor<Q, A> type) {
            this.call = call;
            this.type = type;
        }

        @Override
        public void request(int messages) {
            call.request(messages);
        }

        @Override
        public void sendHeaders(Metadata headers) {
            call.sendHeaders(headers);
        }

        @Override
        public void sendMessage(A message) {
            call.sendMessage(message);
        }

        @Override
        public boolean isReady() {
            return call.isReady();
        }

        @Override
        public void close(Status status, Metadata trailers) {
            call.close(status, trailers);
        }

        @Override
        public boolean isCancelled() {
            return call.isCancelled();
        }

        @Override
        public void setMessageCompression(boolean enabled) {
            call.setMessageCompression(enabled);
        }

        @Override
        public void setCompression(String compressor) {
            call.setCompression(compressor);
        }

        @Override
        public SecurityLevel getSecurityLevel() {
            return call.getSecurityLevel();
        }

        @Override
        public Attributes getAttributes() {
            return call.getAttributes();
        }

        @Override
        public String getAuthority() {
            return call.getAuthority();
        }

        @Override
        public MethodDescriptor<Q, A> getMethodDescriptor() {
            return type;
        }
    }
}
