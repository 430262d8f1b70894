package dev.loupe.inference.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.loupe.oip.v2.InferTensorContents;
import dev.loupe.oip.v2.ModelInferRequest;
import dev.loupe.oip.v2.ModelInferRequest.InferInputTensor;
import dev.loupe.oip.v2.ModelInferRequest.InferRequestedOutputTensor;
import dev.loupe.service.error.ServiceException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class MessageComplexityLimitTest {
    private static final Descriptor TYPE = ModelInferRequest.getDescriptor();

    private static long check(byte[] message) throws InvalidProtocolBufferException {
        return MessageComplexityLimit.check(message, TYPE);
    }

    private static ModelInferRequest.Builder input(InferTensorContents.Builder contents) {
        return ModelInferRequest.newBuilder()
                .addInputs(InferInputTensor.newBuilder().addShape(1).setContents(contents));
    }

    @Test
    void acceptsAFullBatchOfImagesAndATensor() throws InvalidProtocolBufferException {
        List<ByteString> images = Collections.nCopies(32, ByteString.copyFrom(new byte[1000]));
        ModelInferRequest.Builder batch = input(InferTensorContents.newBuilder().addAllBytesContents(images))
                .addRawInputContents(ByteString.copyFrom(new byte[1 << 20]));
        for (int i = 0; i < 6; i++) {
            batch.addOutputs(InferRequestedOutputTensor.newBuilder().setName("output " + i));
        }
        assertEquals(0, check(batch.build().toByteArray()));
        ModelInferRequest.Builder tensor =
                input(InferTensorContents.newBuilder().addAllFp32Contents(Collections.nCopies(1_000_000, 1f)));
        assertEquals(8_000_000, check(tensor.build().toByteArray()), "a list and an array beside the message");
    }

    @Test
    void refusesAMessageWithTooManyFieldsOrNumbers() {
        byte[] emptyInputs = new byte[16 << 20];
        for (int i = 0; i < emptyInputs.length; i += 2) {
            emptyInputs[i] = 5 << 3 | 2; // field 5, `inputs`, of no bytes
        }
        byte[] unknownFields = new byte[1 << 20];
        Arrays.fill(unknownFields, (byte) (15 << 3)); // field 15, a number
        for (byte[] message : List.of(
                emptyInputs,
                unknownFields,
                input(InferTensorContents.newBuilder().addAllInt64Contents(Collections.nCopies(100_000, 1L)))
                        .build()
                        .toByteArray(),
                input(InferTensorContents.newBuilder().addAllBoolContents(Collections.nCopies(100_000, true)))
                        .build()
                        .toByteArray())) {
            ServiceException e = assertThrows(ServiceException.class, () -> check(message));
            assertTrue(e.getMessage().contains("at most"), e.getMessage());
        }
    }

    @Test
    void refusesATruncatedOrOverflowingMessageAsMalformed() {
        byte[] whole = input(InferTensorContents.newBuilder().addBytesContents(ByteString.copyFromUtf8("image")))
                .build()
                .toByteArray();
        assertThrows(InvalidProtocolBufferException.class, () -> check(Arrays.copyOf(whole, whole.length - 1)));
        assertThrows(InvalidProtocolBufferException.class, () -> check(new byte[] {42, -1, -1, -1, -1, 7}));
        assertThrows(InvalidProtocolBufferException.class, () -> check(new byte[] {0}));
    }
}
