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
 * Bounds what parsing a message makes of it: two bytes can be an object of a hundred, so 16 MiB of empty sub-messages
 * would take the whole heap. Reads the wire format without building anything.
 */
final class MessageShape {
    /** Fields in all, those of sub-messages included: a full batch has less than 100. */
    static final int MOST_FIELDS = 2_000;
    /** Values of repeated numbers that are packed, other than floats. */
    static final int MOST_NUMBERS = 10_000;

    private static final int DEEPEST = 20;

    private int fields;
    private int numbers;
    private long floats;

    private MessageShape() {}

    /**
     * Reads a message.
     *
     * @return bytes of heap that it takes beside its own when it is parsed and read
     * @throws InvalidProtocolBufferException if it is malformed
     * @throws ServiceException {@code INVALID_REQUEST} if it has too many parts
     */
    static long check(byte[] message, Descriptor type) throws InvalidProtocolBufferException {
        MessageShape shape = new MessageShape();
        try {
            shape.read(CodedInputStream.newInstance(message), type, 0);
        } catch (InvalidProtocolBufferException e) {
            throw e;
        } catch (IOException e) {
            throw new InvalidProtocolBufferException(e);
        }
        return 2 * shape.floats; // a list of floats, and the array that is made of it
    }

    private void read(CodedInputStream in, Descriptor type, int depth) throws IOException {
        if (depth > DEEPEST) {
            throw refused("sub-messages within each other", DEEPEST);
        }
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (++fields > MOST_FIELDS) {
                throw refused("fields; lists of numbers are packed, or raw_input_contents", MOST_FIELDS);
            }
            FieldDescriptor field = type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
            if (field != null && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
                read(in, field, depth);
            } else if (!in.skipField(tag)) {
                return; // the end of a group, which no message of ours has: parsing refuses it
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
            numbers += length; // a number has a byte at least
            if (length > MOST_NUMBERS || numbers > MOST_NUMBERS) {
                throw refused("bytes of numbers in '" + field.getName() + "'", MOST_NUMBERS);
            }
        }
        in.skipRawBytes(length);
    }

    private static ServiceException refused(String of, int most) {
        return new ServiceException(ErrorCode.INVALID_REQUEST, "message: expected at most " + most + " " + of);
    }
}
