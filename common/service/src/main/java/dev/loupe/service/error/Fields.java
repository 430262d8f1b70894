package dev.loupe.service.error;

import java.util.Arrays;

/**
 * What the parts of a request must be. Each throws a {@link ServiceException} that says what was expected and what came;
 * but for {@link #required}, nothing is a value like others.
 */
public final class Fields {
    private Fields() {}

    /** @return the value, which is there; a blank text is not */
    public static <T> T required(String name, T value) {
        if (value == null || value instanceof String text && text.isBlank()) {
            throw refused(name, "a value", "nothing");
        }
        return value;
    }

    public static void atMost(String name, String text, int characters) {
        if (text != null && text.length() > characters) {
            throw refused(name, "at most " + characters + " characters", text.length());
        }
    }

    public static void atLeast(String name, Number value, long least) {
        if (value != null && value.longValue() < least) {
            throw refused(name, least + " or more", value);
        }
    }

    public static void within(String name, Number value, long least, long most) {
        if (value != null && (value.longValue() < least || value.longValue() > most)) {
            throw refused(name, least + " to " + most, value);
        }
    }

    /**
     * The constant of this name, null for null.
     *
     * @param name of the field or parameter
     */
    public static <E extends Enum<E>> E oneOf(String name, Class<E> type, String text) {
        if (text == null) {
            return null;
        }
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> constant.name().equals(text))
                .findFirst()
                .orElseThrow(() -> refused(name, "one of " + Arrays.toString(type.getEnumConstants()), Echo.of(text)));
    }

    private static ServiceException refused(String name, String expected, Object got) {
        return new ServiceException(ErrorCode.INVALID_REQUEST, name + ": expected " + expected + ", got " + got);
    }
}
