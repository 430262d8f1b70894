package dev.loupe.service.error;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import java.util.Arrays;
import java.util.Collection;
import java.util.stream.Collectors;

/** Describes errors in a JSON body in terms of the JSON: Jackson's own messages name Java classes. */
final class InvalidJson {
    private InvalidJson() {}

    static String describe(JacksonException e) {
        return switch (e) {
            case UnrecognizedPropertyException unknown ->
                "unknown field " + QuotedInput.of(unknown.getPropertyName()) + ", expected one of "
                        + unknown.getKnownPropertyIds().stream()
                                .map(String::valueOf)
                                .sorted()
                                .toList();
            case InvalidFormatException format -> expected(format) + ", got " + QuotedInput.of(format.getValue());
            case MismatchedInputException mismatch -> expected(mismatch);
            case StreamConstraintsException limit ->
                "exceeds a limit of JSON: " + limit.getOriginalMessage().replaceAll(", from `[^`]*`", "");
            case JsonMappingException mapping
            when mapping.getCause() instanceof JacksonException cause -> describe(cause);
            case JsonMappingException mapping -> field(mapping) + "invalid value";
            default -> "not valid JSON" + at(e.getLocation());
        };
    }

    private static String expected(MismatchedInputException e) {
        return field(e) + "expected "
                + (e.getTargetType() == null ? "a value of another type" : kind(e.getTargetType()));
    }

    private static String kind(Class<?> type) {
        if (type.isEnum()) {
            return "one of " + Arrays.toString(type.getEnumConstants());
        }
        return switch (type.getSimpleName()) {
            case "String" -> "a string";
            case "int", "Integer" -> "a whole number of 32 bits";
            case "long", "Long" -> "a whole number of 64 bits";
            case "float", "Float", "double", "Double" -> "a number";
            case "boolean", "Boolean" -> "true or false";
            case "UUID" -> "a UUID";
            default -> Collection.class.isAssignableFrom(type) || type.isArray() ? "a list" : "an object";
        };
    }

    /** Returns the path of the invalid field and a colon; empty if the whole body is invalid. */
    private static String field(JsonMappingException e) {
        String path = e.getPath().stream()
                .map(r -> r.getFieldName() == null ? "[" + r.getIndex() + "]" : r.getFieldName())
                .collect(Collectors.joining("."));
        return path.isEmpty() ? "body: " : path + ": ";
    }

    private static String at(JsonLocation location) {
        return location == null || location.getLineNr() < 1
                ? ""
                : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }
}
