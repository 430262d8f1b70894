package dev.loupe.inference.access;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.loupe.inference.TestClient;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Calls a gRPC method with a message that names a model and nothing else, and tells whether the call was allowed. */
final class GrpcProbe {
    private final ManagedChannel channel;
    private final MethodDescriptor<Message, Message> method;
    private final Message message;

    @SuppressWarnings("unchecked") // all messages are of protobuf
    GrpcProbe(ManagedChannel channel, MethodDescriptor<?, ?> method, List<String> rule, String model) {
        this.channel = channel;
        this.method = (MethodDescriptor<Message, Message>) method;
        Message empty = (Message) ((PrototypeMarshaller<?>) method.getRequestMarshaller()).getMessagePrototype();
        String where = rule.getLast();
        this.message = where.contains(":$") ? with(empty, where.substring(where.indexOf('$') + 1), model) : empty;
    }

    private static Message with(Message message, String path, String value) {
        String[] names = path.split("\\.", 2);
        Message.Builder builder = message.toBuilder();
        FieldDescriptor field = message.getDescriptorForType().findFieldByName(names[0]);
        return builder.setField(
                        field, names.length == 1 ? value : with((Message) message.getField(field), names[1], value))
                .build();
    }

    /** {@code allowed}, or the HTTP status that stands for the refusal: 401, 403, or 404 for a model. */
    String call(String token) throws Exception {
        Metadata headers = new Metadata();
        if (token != null) {
            headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        }
        CompletableFuture<String> outcome = new CompletableFuture<>();
        ClientCall<Message, Message> call =
                channel.newCall(method, CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS));
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onMessage(Message response) {
                        outcome.complete("allowed");
                        call.cancel("enough", null);
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        outcome.complete(describe(status, trailers));
                    }
                },
                headers);
        call.request(1);
        call.sendMessage(message);
        call.halfClose();
        return outcome.get(40, TimeUnit.SECONDS);
    }

    private static String describe(Status status, Metadata trailers) {
        String reason = status.isOk() ? "" : TestClient.reason(new StatusRuntimeException(status, trailers));
        return switch (status.getCode()) {
            case UNAUTHENTICATED -> "401";
            case PERMISSION_DENIED -> "403";
            case NOT_FOUND -> reason.equals("MODEL_NOT_FOUND") ? "404" : "allowed";
            case UNAVAILABLE, UNKNOWN, INTERNAL, DEADLINE_EXCEEDED, CANCELLED -> status.toString();
            default -> "allowed";
        };
    }
}
