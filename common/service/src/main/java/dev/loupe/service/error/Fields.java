package dev.loupe.service.error;

import java.util.Arrays;

/**
 * Validates the fields of a request, in the constructor of its record. Each method throws a {@link ServiceException} with
 * the expected and the actual value. All methods except {@link #requirePresent} accept null.
 *
 * <p>Not Bean Validation: its messages do not contain the actual value, and it validates a record only after another
 * class had it.
 */
public final class Fields {
    private Fields() {}

    /** @return the value, which must be neither null nor blank */
    public static <T> T requirePresent(String name, T value) {
        if (value == null || value instanceof String text && text.isBlank()) {
            throw invalid(name, "a value", "nothing");
        }
        return value;
    }

    public static void atMost(String name, String text, int characters) {
        if (text != null && text.length() > characters) {
            throw invalid(name, "at most " + characters + " characters", text.length());
        }
    }

    public static void atLeast(String name, Number value, long least) {
        if (value != null && value.longValue() < least) {
            throw invalid(name, least + " or more", value);
        }
    }

    public static void within(String name, Number value, long least, long most) {
        if (value != null && (value.longValue() < least || value.longValue() > most)) {
            throw invalid(name, least + " to " + most, value);
        }
    }

    /**
     * Returns the enum constant with this name, null for null.
     *
     * @param name name of the field or parameter
     */
    public static <E extends Enum<E>> E oneOf(String name, Class<E> type, String text) {
        if (text == null) {
            return null;
        }
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> constant.name().equals(text))
                .findFirst()
                .orElseThrow(() ->
                        invalid(name, "one of " + Arrays.toString(type.getEnumConstants()), QuotedInput.of(text)));
    }

    /** Reads {@code true} or {@code false}; without a text, it is {@code absent}. */
    public static boolean yesOrNo(String name, String text, boolean absent) {
        if (text == null) {
            return absent;
        }
        if (!text.equals("true") && !text.equals("false")) {
            throw invalid(name, "true or false", QuotedInput.of(text));
        }
        return text.equals("true");
    }

    private static ServiceException invalid(String name, String expected, Object got) {
        return new ServiceException(ErrorCode.INVALID_REQUEST, name + ": expected " + expected + ", got " + got);
    }
}
