package dev.loupe.training.search;

import dev.loupe.contracts.recipe.CatalogueEntry;
import dev.loupe.contracts.recipe.InvalidRecipeException;
import dev.loupe.contracts.recipe.Parameter;
import dev.loupe.contracts.recipe.SearchRange;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;

/** Makes search spaces of the ranges that a request or the catalogue has, and checks them against the recipe. */
final class SearchSpaces {
    private SearchSpaces() {}

    /**
     * The ranges of a search.
     *
     * @param asked ranges of the request, null for those of the catalogue
     * @param fixed parameters that all trials share
     * @throws ServiceException {@code SEARCH_INVALID}
     */
    static Map<String, SearchRange> ranges(
            CatalogueEntry entry, Map<String, SearchRange> asked, Map<String, Object> fixed) {
        if (asked == null || asked.isEmpty()) {
            Map<String, SearchRange> ranges = new LinkedHashMap<>(entry.search());
            ranges.keySet().removeAll(fixed.keySet());
            if (ranges.isEmpty()) {
                throw invalid("space: recipe '" + entry.name() + "' has no parameters that are varied by default"
                        + (entry.search().isEmpty() ? "" : " and are not in recipe.parameters")
                        + ", expected ranges");
            }
            return ranges;
        }
        asked.forEach((name, range) -> {
            if (!entry.parametersByName().containsKey(name)) {
                throw invalid("space: '" + entry.name() + "' has no parameter '" + name + "', expected "
                        + String.join(", ", entry.parametersByName().keySet()));
            }
            if (fixed.containsKey(name)) {
                throw invalid("space." + name + ": expected a parameter without a value in recipe.parameters, got "
                        + fixed.get(name));
            }
            if (range == null) {
                throw invalid("space." + name + ": expected values, or min and max, got nothing");
            }
            check(entry, name, range);
        });
        return asked;
    }

    private static void check(CatalogueEntry entry, String name, SearchRange range) {
        Parameter parameter = entry.parametersByName().get(name);
        if (range.values() != null) {
            for (Object value : range.values()) {
                try {
                    entry.with(Map.of(name, value));
                } catch (InvalidRecipeException e) {
                    throw new ServiceException(ErrorCode.SEARCH_INVALID, "space." + e.getMessage(), e);
                }
            }
            return;
        }
        boolean number = parameter.type().equals("integer") || parameter.type().equals("number");
        if (!number || parameter.values() != null) {
            throw invalid("space." + name + ": expected values, each " + parameter.expected() + ", got min and max");
        }
        boolean inside = (parameter.minimum() == null || range.min().compareTo(parameter.minimum()) >= 0)
                && (parameter.maximum() == null || range.max().compareTo(parameter.maximum()) <= 0);
        boolean whole = parameter.type().equals("number") || isWhole(range.min()) && isWhole(range.max());
        if (!inside || !whole) {
            throw invalid("space." + name + ": expected min and max, each " + parameter.expected() + ", got "
                    + range.min().toPlainString() + " and " + range.max().toPlainString());
        }
        if (dimension(parameter, range).size() < 1) {
            throw invalid("space." + name + ": there is no multiple of " + parameter.multipleOf() + " from "
                    + range.min().toPlainString() + " to " + range.max().toPlainString());
        }
    }

    private static boolean isWhole(BigDecimal number) {
        return number.stripTrailingZeros().scale() <= 0;
    }

    /** The space of ranges that were checked. */
    static SearchSpace space(CatalogueEntry entry, Map<String, SearchRange> ranges) {
        Map<String, Dimension> dimensions = new LinkedHashMap<>();
        ranges.forEach((name, range) ->
                dimensions.put(name, dimension(entry.parametersByName().get(name), range)));
        return new SearchSpace(dimensions);
    }

    private static Dimension dimension(Parameter parameter, SearchRange range) {
        if (range.values() != null) {
            return new Dimension.Choice(range.values());
        }
        long step = 0;
        if (parameter.type().equals("integer")) {
            step = parameter.multipleOf() == null
                    ? 1
                    : Math.max(1, parameter.multipleOf().longValue());
        }
        return new Dimension.Interval(range.min().doubleValue(), range.max().doubleValue(), range.logarithmic(), step);
    }

    private static ServiceException invalid(String message) {
        return new ServiceException(ErrorCode.SEARCH_INVALID, message);
    }
}
