package dev.loupe.inference.serve;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Descriptors.FieldDescriptor.Type;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.io.IOException;

/**
 * Limits the number of objects that parsing a message creates. Two bytes can become an object of a hundred bytes, so 16
 * MiB of empty sub-messages would fill the heap. Reads the wire format without creating objects for it.
 */
final class MessageComplexityLimit {
    /** Most fields, including those of sub-messages: a full batch has less than 100. */
    static final int MAX_FIELDS = 2_000;
    /** Most values of packed repeated numbers other than floats. */
    static final int MAX_NUMBERS = 10_000;

    private static final int MAX_DEPTH = 20;

    private int fields;
    private int numbers;
    private long floats;

    private MessageComplexityLimit() {}

    /**
     * Checks a message.
     *
     * @return bytes of heap that parsing and reading it take in addition to the message
     * @throws InvalidProtocolBufferException if it is malformed
     * @throws ServiceException {@code INVALID_REQUEST} if it has too many fields or numbers
     */
    static long check(byte[] message, Descriptor type) throws InvalidProtocolBufferException {
        MessageComplexityLimit shape = new MessageComplexityLimit();
        try {
            shape.read(CodedInputStream.newInstance(message), type, 0);
        } catch (InvalidProtocolBufferException e) {
            throw e;
        } catch (IOException e) {
            throw new InvalidProtocolBufferException(e);
        }
        return 2 * shape.floats; // the list of floats, and the array made from it
    }

    private void read(CodedInputStream in, Descriptor type, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw refused("sub-messages within each other", MAX_DEPTH);
        }
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (++fields > MAX_FIELDS) {
                throw refused("fields; lists of numbers are packed, or raw_input_contents", MAX_FIELDS);
            }
            FieldDescriptor field = type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
            if (field != null && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
                read(in, field, depth);
            } else if (!in.skipField(tag)) {
                return; // the end of a group, which none of our messages has: the parser rejects it
            }
        }
    }

    private void read(CodedInputStream in, FieldDescriptor field, int depth) throws IOException {
        int length = in.readRawVarint32();
        if (field.getJavaType() == JavaType.MESSAGE) {
            int limit = in.pushLimit(length);
            read(in, field.getMessageType(), depth + 1);
            in.popLimit(limit);
            return;
        }
        if (field.getType() == Type.FLOAT) {
            floats += length;
        } else if (field.isPackable()) {
            numbers += length; // a number has at least one byte
            if (length > MAX_NUMBERS || numbers > MAX_NUMBERS) {
                throw refused("bytes of numbers in '" + field.getName() + "'", MAX_NUMBERS);
            }
        }
        in.skipRawBytes(length);
    }

    private static ServiceException refused(String of, int most) {
        return new ServiceException(ErrorCode.INVALID_REQUEST, "message: expected at most " + most + " " + of);
    }
}
