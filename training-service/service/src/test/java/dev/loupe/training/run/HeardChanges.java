package dev.loupe.training.run;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jboss.logging.MDC;

/** What a line would carry that is logged while a run changes. */
@ApplicationScoped
class HeardChanges {
    private final List<Map<String, Object>> ids = new CopyOnWriteArrayList<>();

    void on(@Observes RunChanged change) {
        ids.add(Map.copyOf(MDC.getMap()));
    }

    List<Map<String, Object>> ids() {
        return ids;
    }
}
